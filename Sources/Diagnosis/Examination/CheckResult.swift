import Collectives
import Foundation

/// What one check found on all ranks.
struct CheckResult {
    let name: String
    /// The sites whose ranks looked, or tried to.
    let sites: [Site]
    let facts: [(site: Site, facts: [Fact])]
    let findings: [Finding]
    /// What each rank that looked saw.
    let records: [Record]

    struct Record: Encodable {
        let site: Site
        let observation: (any Encodable & Sendable)?
        let failure: String?

        private enum CodingKeys: CodingKey { case rank, host, observation, failure }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(site.rank, forKey: .rank)
            try container.encode(site.host, forKey: .host)
            if let observation { try container.encode(observation, forKey: .observation) }
            try container.encodeIfPresent(failure, forKey: .failure)
        }
    }
}

/// What a rank sends to rank 0: both are nil where it did not look.
private struct Outcome<Observation: Codable>: Codable {
    var observation: Observation?
    var failure: Failure?

    struct Failure: Codable, Hashable {
        let description: String
        let hint: String?
    }
}

extension Check {
    /// Has all ranks look, which all must call this; the result on rank 0, nil on the others.
    /// - Throws: failures of communication.
    func examine(_ sites: [Site], on communicator: any Communicator) throws -> CheckResult? {
        let site = sites[communicator.rank]
        var outcome = Outcome<Observation>()
        if scope != .firstOfHost || site.isFirstOfHost {
            do {
                let observation = try observe(at: site, on: communicator)
                if scope == .rank || site.isFirstOfHost { outcome.observation = observation }
            } catch let error as any CommunicationFailure {
                throw error
            } catch {
                let failure = JobFailure(error)
                outcome.failure = .init(description: failure.description, hint: failure.hint)
            }
        }
        let message = try JSONEncoder().encode(outcome)
        let outcomes = try communicator.gather(Array(message), to: 0).map {
            try JSONDecoder().decode(Outcome<Observation>.self, from: Data($0))
        }
        return communicator.rank == 0 ? result(of: outcomes, at: sites) : nil
    }

    private func result(of outcomes: [Outcome<Observation>], at sites: [Site]) -> CheckResult {
        let observed = zip(sites, outcomes).compactMap { site, outcome in
            outcome.observation.map { Observed($0, at: site) }
        }
        let records = zip(sites, outcomes).filter { $1.observation != nil || $1.failure != nil }.map { site, outcome in
            CheckResult.Record(
                site: site, observation: outcome.observation, failure: outcome.failure?.description)
        }
        return CheckResult(
            name: name, sites: records.map(\.site), facts: observed.map { ($0.site, facts(in: $0.value)) },
            findings: failures(in: outcomes, at: sites) + findings(in: observed), records: records)
    }

    /// One finding for all ranks that failed in the same words.
    private func failures(in outcomes: [Outcome<Observation>], at sites: [Site]) -> [Finding] {
        var ranks: [(failure: Outcome<Observation>.Failure, sites: [Site])] = []
        for (site, outcome) in zip(sites, outcomes) {
            guard let failure = outcome.failure else { continue }
            if let index = ranks.firstIndex(where: { $0.failure == failure }) {
                ranks[index].sites.append(site)
            } else {
                ranks.append((failure, [site]))
            }
        }
        return ranks.map { failure, places in
            let who = SiteNames(sites).name(places.map(\.rank)).map { "on \($0): " } ?? ""
            return Finding(
                .problem, who + failure.description,
                hint: failure.hint ?? "aam doctor could not look at this, and a run is likely to fail there too")
        }
    }
}
