import CMPI

/// Which ranks share memory, and with it the order of summation.
struct NodeMap {
    /// The ranks of each node, ascending; the nodes in the order of their lowest ranks, their leaders.
    let nodes: [[Int]]
    /// The position of this rank's node.
    let index: Int
    /// This rank's place in it; the leader has 0.
    let place: Int
    /// The ranks of this node.
    let communicator: MPI_Comm

    var leaders: [Int] { nodes.map { $0[0] } }

    /// - Parameter host: The ranks of this rank's host. All ranks of `world` must call this.
    init(host: MPI_Comm, world: MPI_Comm, rank: Int, size: Int, options: MPIOptions, check: MPIStatusCheck) throws {
        var hostRank: Int32 = 0
        try check("MPI_Comm_rank", MPI_Comm_rank(host, &hostRank))
        let ranksPerNode = options.usesSharedMemory ? options.ranksPerNode ?? size : 1
        var node: MPI_Comm? = CMPI_COMM_NULL()
        let colour = Int(hostRank) / ranksPerNode
        try check("MPI_Comm_split", MPI_Comm_split(host, Int32(colour), Int32(rank), &node))
        guard let node else { preconditionFailure("MPI_Comm_split gave no communicator") }
        communicator = node
        try check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(node, CMPI_ERRORS_RETURN()))
        // Each rank's leader names its node.
        var leader = Int32(rank)
        try check("MPI_Bcast", MPI_Bcast(&leader, 1, CMPI_INT32(), 0, node))
        var leaders = [Int32](repeating: 0, count: size)
        try check(
            "MPI_Allgather", MPI_Allgather(&leader, 1, CMPI_INT32(), &leaders, 1, CMPI_INT32(), world))
        let nodes = Set(leaders).sorted().map { leader in leaders.indices.filter { leaders[$0] == leader } }
        guard let index = nodes.firstIndex(where: { $0.contains(rank) }),
            let place = nodes[index].firstIndex(of: rank)
        else { preconditionFailure("rank \(rank) is in no node") }
        self.nodes = nodes
        self.index = index
        self.place = place
    }
}
