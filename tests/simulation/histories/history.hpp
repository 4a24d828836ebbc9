// One history under budgets, and what must be true of it: the daemon's ledger is the independent
// one, bills end under their limits, nobody is stopped too early or for nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policy/period.hpp"
#include "simulation/histories/plan.hpp"

namespace trainstop::test {

/// Sums over many histories.
struct Findings {
  std::int64_t histories = 0, sums = 0, stops = 0;
  std::int64_t windows = 0;   ///< of a pot that stops, with a bill
  std::int64_t strict = 0;    ///< of them those in which nothing excuses a bill above the limit
  std::int64_t exceeded = 0;  ///< of the others those with a bill above it
  std::int64_t held = 0;      ///< histories whose breaker opened
  std::int64_t landed = 0;    ///< exhaustions whose stops took no longer than allowed for
  double unused = 0;          ///< of them, in shares of a minute's rate and the allowance's cost
  double unused_dollars = 0;
  std::vector<std::string> wrong;
};

class History {
 public:
  explicit History(std::uint64_t seed);
  void run(Findings& findings);

 private:
  struct Exhaustion {
    std::size_t budget;
    std::string group;
    Instant at;
    std::int64_t spent;
  };
  void play();
  void watch(const core::Batch& batch);
  void compare();
  void judge_window(std::size_t budget, const std::string& group, const policy::Window& window);
  void judge_exhaustion(const Exhaustion& exhaustion);
  void judge_stops();
  std::string story(std::size_t budget, const std::string& group, const policy::Window& window);
  std::int64_t excuse(const PlannedJob& job, const policy::Window& window);
  /// The least (or most) that the account allowed for within some minutes before `at`.
  Duration allowed(Instant at, bool least) const;
  std::vector<const PlannedJob*> members(std::size_t budget, const std::string& group) const;
  void fail(const std::string& what);

  std::uint64_t seed_;
  Plan plan_;
  World world_;
  std::vector<Away> away_;
  Ledger ledger_;
  std::vector<policy::Period> periods_;
  std::vector<Exhaustion> exhaustions_;
  std::vector<std::pair<Instant, Duration>> allowances_;
  Findings* findings_ = nullptr;
};

}  // namespace trainstop::test
