import Foundation
import TestSupport
import Testing

/// The Python that $AAM_PYTHON names, or python3.
private let python = ProcessInfo.processInfo.environment["AAM_PYTHON"] ?? "python3"

private let canValidate: Bool = {
    let result = try? runCommand("/usr/bin/env", arguments: [python, "-c", "import yaml, kubernetes_validate"])
    return result?.status == 0
}()

private let deploy = HostCluster.script.components(separatedBy: "/netns/")[0]

extension Command {
    /// `deploy/kubernetes`, as far as it goes without a cluster.
    @Suite(.enabled(if: canValidate, "set AAM_PYTHON to a Python with pyyaml and kubernetes-validate"))
    struct Kubernetes {
        private func check(_ path: String) throws -> CommandResult {
            try runCommand("/usr/bin/env", arguments: [python, "\(deploy)/kubernetes/check", path])
        }

        @Test func theJobIsValid() throws {
            let result = try check("\(deploy)/kubernetes/mpijob.yaml")
            #expect(result.status == 0, "\(result.stderr)")
            #expect(result.stdout.hasPrefix("valid for kubeflow.org/v2beta1 and Kubernetes 1."))
        }

        @Test(arguments: [
            ("restartPolicy: Never", "restartPolicy: ExitCode", "Launcher.restartPolicy: 'ExitCode' is not one of"),
            ("slotsPerWorker: 1", "slotsPerWorkers: 1", "spec.slotsPerWorkers: there is no such field"),
            ("replicas: 4", "replicas: '4'", "Worker.replicas: '4' is no int"),
            ("name: aam-cub\n", "name: aam_cub\n", "aam_cub-worker-3 is no name of a host"),
            ("periodSeconds: 2", "periodSecond: 2", "'periodSecond' was unexpected"),
            ("runAsUser: 1000", "runAsUser: aam", "'aam' is not of type 'integer'"),
        ])
        func mistakeInTheJobIsFound(right: String, wrong: String, message: String) throws {
            let folder = try TemporaryFolder()
            let job = try text(of: "\(deploy)/kubernetes/mpijob.yaml")
            #expect(job.contains(right))
            let result = try check(try folder.write("job.yaml", job.replacing(right, with: wrong)))
            #expect(result.status == 1)
            #expect(result.stderr.contains(message), "\(result.stderr)")
        }

        private struct Container: Decodable {
            let command: [String]
            let args: [String]
        }

        private func container(_ replicas: String) throws -> Container {
            let script = """
                import json, sys, yaml
                job = yaml.safe_load(open(sys.argv[1]))
                pod = job["spec"]["mpiReplicaSpecs"][sys.argv[2]]["template"]["spec"]
                print(json.dumps(pod["containers"][0]))
                """
            let result = try runCommand(
                "/usr/bin/env", arguments: [python, "-c", script, "\(deploy)/kubernetes/mpijob.yaml", replicas])
            try #require(result.status == 0, "\(result.stderr)")
            return try JSONDecoder().decode(Container.self, from: Data(result.stdout.utf8))
        }

        /// Its own words, with other folders and a smaller task, on hosts as the operator names them.
        @Test func theLauncherTrains() throws {
            let folder = try TemporaryFolder()
            let launcher = try container("Launcher")
            #expect(launcher.command == ["aam"])
            let others = [
                "--data=/data/CUB_200_2011": "--data=\(Birds.folder)",
                "--output=/runs/cub": "--output=\(folder("run"))", "--model=resnet50": "--model=resnet18",
                "--batch-size=64": "--batch-size=8", "--epochs=100": "--epochs=1",
                "--mpirun=mpirun --bind-to none": "--mpirun=mpirun --bind-to none --oversubscribe",
            ]
            #expect(others.keys.allSatisfy(launcher.args.contains), "\(launcher.args)")
            let hosts = try folder.write("hostfile", "localhost slots=2\n")
            let result = try AAM.run(
                launcher.args.map { others[$0] ?? $0 } + ["--image-size=32", "--threads=1"],
                environment: [
                    "OMPI_MCA_orte_default_hostfile": hosts, "OMPI_MCA_orte_keep_fqdn_hostnames": "true",
                    "OMPI_MCA_plm_rsh_args": "-o ConnectionAttempts=10", "OMPI_MCA_orte_set_default_slots": "1",
                    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                ])
            #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
            #expect(result.stderr.contains("launch: attempt 1 of 21: 2 ranks on localhost\n"), "\(result.stderr)")
            #expect(try Metrics(folder("run")).steps.count == 4)
        }

        /// The image has the file that the worker's sshd reads, and the port in it is the one that the pod asks.
        @Test func theImageFitsTheWorkers() throws {
            let image = try text(of: "\(deploy)/container/Containerfile")
            let worker = try container("Worker")
            #expect(worker.command + worker.args == ["/usr/sbin/sshd", "-De", "-f", "/home/aam/sshd_config"])
            #expect(image.contains(">/home/aam/sshd_config") && image.contains("'Port 2222'"))
            #expect(try text(of: "\(deploy)/kubernetes/mpijob.yaml").contains("tcpSocket: {port: 2222}"))
            #expect(image.contains("--uid 1000 aam"))
        }
    }
}
