// Replays the schedule of a step that `aam plan --schedule` wrote, on SimGrid's SMPI: each rank is the leader of a node.
//
// usage: smpirun … replay SCHEDULE
//
// Prints the seconds of the step: from the moment when all begin to the moment when the last one is done. What a line
// of the schedule means stands in Sources/Planning/Plan/ReplaySchedule.swift; its messages are those of
// Sources/MPICollectives/LeaderMessages.swift, and their contents do not matter.
#include <mpi.h>
#include <simgrid/actor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// `message` is that of Sources/Collectives/ReductionPieces.swift; half of a piece of 1 MiB has nine of them.
enum { LANES = 3, message = 60 << 10, MESSAGES = 9 };

static int rank, nodes;
static MPI_Request *requests[LANES];
static int posted[LANES];

static int slice(long elements, int leader) {
    return (int)(elements * (leader + 1) / nodes - elements * leader / nodes);
}

// Sends bytes to a leader, or receives them from it, in messages of about the same length.
static void post(int sends, char *buffer, int lane, int bytes, int other, int tag) {
    int count = (bytes + message - 1) / message;
    for (int i = 0; i < count; i++) {
        int length = (int)((long)bytes * (i + 1) / count - (long)bytes * i / count);
        MPI_Request *request = &requests[lane][posted[lane]++];
        if (sends) MPI_Isend(buffer, length, MPI_BYTE, other, tag, MPI_COMM_WORLD, request);
        else MPI_Irecv(buffer, length, MPI_BYTE, other, tag, MPI_COMM_WORLD, request);
    }
}

// Of terms the own slice comes from all and theirs are sent to them; of sums theirs come, and the own one is sent to all.
static void exchange(char *buffer, int lane, long elements, int width, int is_terms) {
    for (int sends = 0; sends < 2; sends++) {
        for (int i = 1; i < nodes; i++) {
            int other = (rank + i) % nodes;
            int owner = sends == is_terms ? other : rank;
            post(sends, buffer, lane, slice(elements, owner) * width, other, is_terms ? 2 : 3);
        }
    }
}

static void fail(const char *path, int line, const char *problem) {
    fprintf(stderr, "replay: %s:%d: %s\n", path, line, problem);
    MPI_Abort(MPI_COMM_WORLD, 1);
    exit(1);
}

int main(int count, char **arguments) {
    MPI_Init(&count, &arguments);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &nodes);
    if (count != 2) fail("replay", 0, "give it a schedule");
    const char *path = arguments[1];
    FILE *file = fopen(path, "r");
    if (!file) fail(path, 0, "cannot be read");
    for (int lane = 0; lane < LANES; lane++) requests[lane] = malloc(2 * (size_t)nodes * MESSAGES * sizeof(MPI_Request));
    char *buffer = calloc(message, 1);

    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    char text[200], word[20];
    for (int line = 1; fgets(text, sizeof text, file); line++) {
        double value = 0;
        long elements = 0;
        int lane = 0, width = 0;
        if (sscanf(text, "%19s %lf", word, &value) != 2) fail(path, line, "a word and numbers are expected");
        if (!strcmp(word, "bandwidth") || !strcmp(word, "latency")) continue;
        if (!strcmp(word, "nodes")) {
            if ((int)value != nodes) fail(path, line, "it is for another number of nodes");
        } else if (!strcmp(word, "await")) {
            double left = start + value - MPI_Wtime();
            if (left > 0) sg_actor_sleep_for(left);
        } else if (!strcmp(word, "work") || !strcmp(word, "pause")) {
            sg_actor_sleep_for(value);
        } else if (!strcmp(word, "terms") || !strcmp(word, "sums")) {
            if (sscanf(text, "%*s %d %ld %d", &lane, &elements, &width) != 3 || lane < 0 || lane >= LANES)
                fail(path, line, "lane, elements and width are expected");
            exchange(buffer, lane, elements, width, word[0] == 't');
        } else if (!strcmp(word, "wait")) {
            lane = (int)value;
            if (lane < 0 || lane >= LANES) fail(path, line, "there is no such lane");
            MPI_Waitall(posted[lane], requests[lane], MPI_STATUSES_IGNORE);
            posted[lane] = 0;
        } else {
            fail(path, line, "not understood");
        }
    }
    double mine = MPI_Wtime() - start, slowest = 0;
    MPI_Reduce(&mine, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("%.9f\n", slowest);
    fclose(file);
    for (int lane = 0; lane < LANES; lane++) free(requests[lane]);
    free(buffer);
    MPI_Finalize();
    return 0;
}
