// What jobs cost, by a second reckoning: minute by minute, from what the API's replies have shown
// and from what truly happened. Shares no code with the one that is tested.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/world.hpp"

namespace trainstop::test {

/// The daemon is away from `at` until `back`; what it had asked then is never answered.
struct Away {
  Instant at, back;
};

/// What the replies have shown of one job.
struct Sighted {
  Instant created, last_sent = kLongAgo;
  struct Edge {
    Instant earliest, latest, known;
  };
  std::optional<Edge> begin, end;
  bool seen = false;
};

class Ledger {
 public:
  /// A begin that is known less closely than `wide` counts from its latest instant.
  Ledger(World& world, std::vector<Away> away, Duration wide);

  /// From here on the API charges this for a node and a minute.
  void set_price(const std::string& type, std::int64_t nano);

  /// What is known at `as_of` to be billed for minutes in [from, until) that began before it.
  std::int64_t known(const std::string& id, Instant from, Instant until, Instant as_of);
  /// The same of what truly happened, with all jobs ended by `as_of`.
  std::int64_t truth(const std::string& id, Instant from, Instant until, Instant as_of);
  /// A minute of the job at `at`, with all its nodes.
  std::int64_t rate(const std::string& id, Instant at);
  /// When a higher price became known in [from, until]; what it adds to a minute of the job.
  std::int64_t raised(const std::string& id, Instant from, Instant until);

  const Sighted& sighted(const std::string& id) { return sighted_[id]; }
  /// Whether the begin is known to the microsecond.
  bool is_exact(const std::string& id);

 private:
  struct Price {
    Instant from;
    std::int64_t nano;
  };
  void saw(const JobSnapshot& job);
  bool is_lost(Instant sent) const;
  void take_prices();
  std::int64_t price(const std::string& type, Instant at);
  std::int64_t sum(const TrueJob& job, Instant begin, Instant end, Instant from, Instant until);

  World& world_;
  std::vector<Away> away_;
  Duration wide_;
  std::map<std::string, Sighted> sighted_;
  std::map<std::string, std::vector<Price>> charged_;  ///< by the API
  std::map<std::string, std::vector<Price>> learned_;  ///< from when the daemon knows it
  std::size_t calls_taken_ = 0;
};

}  // namespace trainstop::test
