// What people ask for, read from the machine: nothing in here changes it. The shapes are in
// views.md. Instants that leave are UTC.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/machine.hpp"

namespace trainstop::core {

class View {
 public:
  explicit View(const Core::Impl& machine) : machine_(machine) {}

  // The queries of core.hpp.
  std::vector<std::string> find(std::string_view job) const;
  Value::Object status(std::size_t most_jobs, std::optional<Duration> within) const;
  std::optional<Value::Object> explain(std::string_view key) const;
  Value::Object rules() const;
  Value::Object budgets() const;
  Value::Object overrides() const;
  Value::Object breaker() const;

 private:
  using Found = std::pair<const Account*, const Job*>;

  /// A live job.
  struct Line {
    const Account* account = nullptr;
    const Job* job = nullptr;
    Instant due = kNever;       ///< of the stop that comes next
    std::optional<Money> rate;  ///< a minute
  };

  /// What one walk over all live jobs tells.
  struct Census {
    std::vector<Line> lines;
    Burn burn;
    std::size_t unknown_status = 0;
    /// Jobs over a rule that stops, by what keeps them from being stopped.
    std::map<std::string_view, std::int64_t> held;
    /// Those over a rule that only observes: what would be stopped if it did not. By place in
    /// lines.
    std::vector<std::pair<std::size_t, const Pair*>> over;
    Money over_rate;
  };

  /// When more stops fall due within a breaker's time than it lets pass.
  struct Opening {
    Instant at;             ///< when it would open
    std::size_t stops = 0;  ///< due within its time, with those it has counted
  };
  using Openings = std::map<const Guard*, Opening>;

  // view.cpp
  Value::Object begin() const;
  const policy::Rule& rule_of(const Pair& pair) const { return machine_.config.rules[pair.rule]; }
  std::optional<Found> job_of_key(std::string_view key) const;
  void add_job(Value::Object& object, const Account& account, const Job& job) const;
  Instant due_of(const Job& job) const;
  /// What keeps the stop from leaving when it is due; empty: nothing.
  std::string_view hold_of(const Job& job, const Pair& pair) const;
  std::string_view mode_of(const policy::Rule& rule) const;
  /// Rule and due of the stop that comes next, or is under way; a person's order has no rule.
  void add_due(Value::Object& object, const Job& job, const Pair* pair) const;
  static void add_instant(Value::Object& object, const char* key, Instant utc);
  Instant utc(Instant line) const;

  // view_status.cpp
  Census census() const;
  /// Empty: the job is over no such rule, or its stop leaves.
  std::string_view what_holds(const Job& job) const;
  Value::Array accounts(Value::Array& impaired) const;
  void add_refused(Value::Object& entry, const Account& account, Value::Array& impaired) const;
  Value::Object counts(const Census& census, Value::Array& impaired) const;
  Value::Object line(const Line& of) const;
  void add_next_due(Value::Object& status) const;
  void add_over(Value::Object& status, const Census& census) const;
  Value::Array frozen() const;
  Value::Object stop(const Stop& of) const;

  // view_overrides.cpp
  Value::Object override_of(const Override& made) const;
  Value::Array overrides_in_force() const;
  Value::Array paused(Value::Array& impaired) const;
  Instant paused_until(const policy::Rule& rule) const;

  // view_breaker.cpp
  const Guard& guard_of(std::uint16_t rule) const;
  std::size_t stops_in_window(const Guard& of) const;
  std::optional<Opening> opening_of(const Guard& of, const std::vector<Instant>& stops) const;
  Openings foresee() const;
  Value::Object breaker_state(const Guard& of, const Openings& openings) const;
  Value::Object all_breakers(Value::Array& impaired) const;
  Value::Array held_by(const Guard& of) const;

  // view_budgets.cpp
  std::vector<const Pot*> pots() const;
  Value::Object pot(const Pot& of) const;
  Money spent(const Pot& of) const;
  /// The `most` of which the largest shares are spent; how many others there are.
  std::pair<Value::Array, std::size_t> fullest_budgets(std::size_t most) const;

  // view_explain.cpp
  Value::Object rule(const Account& account, const Job& job, std::uint16_t index) const;
  bool add_match(Value::Object& object, const policy::Rule& rule, const Job& job,
                 const policy::JobAttributes& of_job) const;
  Value::Array conditions(const policy::Rule& rule, const Job& job, const policy::JobTimes& facts,
                          Instant at) const;
  std::string why_unknown(std::string_view leaf, const Job& job,
                          const policy::JobTimes& facts) const;
  std::string hold_words(std::string_view hold, const Job& job, const policy::Rule& rule) const;
  std::string upshot(const Account& account, const Job& job) const;
  std::string upshot_of_end(const Job& job) const;

  const Core::Impl& machine_;
};

}  // namespace trainstop::core
