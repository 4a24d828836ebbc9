// Judges the daemon from outside: what it was told, what it tells and asks, what leaves, against
// what could be known and what truly was. Independent of daemon/core and daemon/policy.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/effects.hpp"
#include "proof/api.hpp"
#include "proof/known.hpp"

namespace trainstop::proof {

/// How far a told instant may be off: it is rounded, and the line's own tick.
constexpr Duration kTick = std::chrono::milliseconds(2);

struct Violation {
  std::string property;  ///< a short name, the same for every seed
  std::string what;
  Instant at;
};

class Checker {
 public:
  Checker(const Plan& plan, const TruthOf& truth, const Api& api)
      : plan_(plan), truth_(truth), api_(api) {}

  /// A life begins, with these rules; nothing was known when `fresh`.
  void begin(const RuleSet& rules, Instant now, bool fresh);
  /// The core took a fact and gave a batch.
  void saw(const std::shared_ptr<const core::Fact>& fact, const core::Batch& batch, Instant now);
  /// Batches up to this one are durable.
  void durable(std::uint64_t batch);
  /// UTC minus the line, as the life begins with it.
  void set_clock(Duration shift, Instant now);
  /// A reply bore a Date.
  void dated(Instant now) { dated_at_ = std::min(dated_at_, now); }
  void die(Instant now);
  /// An event was told to people.
  void told(const Event& event, bool degraded);
  /// An act left the gate; `degraded` as the gate says.
  void left(const core::Act& act, bool degraded, Instant now);
  /// A stop request's first byte.
  void sent(const core::SendStop& act, Instant now);
  /// A reload with this token will bring these rules.
  void will_load(std::uint64_t token, const RuleSet& rules) { loads_[token] = &rules; }
  /// A person reset the breaker.
  void reset_breaker();
  /// Looks for what should have happened; `slack` after it.
  void look(Instant now, Duration slack);
  void look_at_end(Instant now);
  void breach(std::string property, std::string what, Instant now);

  const std::optional<Violation>& violation() const { return violation_; }
  bool knows() const { return knows_; }
  std::uint64_t intents() const { return intents_; }
  const Known& known() const { return now_known_; }
  bool frozen = false;  ///< the machine sleeps
  Instant thawed = kLongAgo;

 private:
  struct Entry {
    std::uint64_t batch;
    Instant now;
    std::shared_ptr<const core::Fact> fact;
    std::vector<Event> events;
  };
  struct Read {
    std::string job;
    core::Priority priority = core::Priority::confirm;
  };
  void take_answer(const core::Fact& fact, Instant now);
  void take_order(std::uint64_t token, const core::Batch& batch, Instant now);
  void look_at_orders(Instant now, Duration slack);
  /// The rules that the fact brings, if it does.
  const RuleSet* rules_of(const core::Fact& fact) const;
  void check(const Event& event, Instant now);
  void check_job(const Event& event, const KnownJob& job, Instant now);
  void check_tripped(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_due(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_cleared(const KnownJob& job, const RuleText& rule, Instant now);
  void check_warned(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_intended(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_ordered(const Event& event, const KnownJob& job, Instant now);
  void check_notice(const KnownJob& job, const RuleText& rule, Instant now);
  void check_notice_of_hands(const KnownJob& job, const RuleText& rule, Instant now);
  void check_verified(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_punctual(const Event& event, const KnownJob& job, const RuleText& rule, Instant now);
  void check_confirmed(const Event& event, const KnownJob& job, Instant now);
  void check_surprise(const KnownJob& job, Instant now);
  void check_breaker(const Event& event, Instant now);
  void check_bill(const Event& event, const KnownJob& job, Instant now);
  void check_act(const core::SendStop& act, std::uint64_t batch, Instant now);
  bool may_be_early(const StopMemory& stop, Instant now) const;
  void check_truth(const TrueJob& job, const RuleText& rule, Instant now);
  void check_money(const TrueJob& job, Instant now);
  void check_clock(Duration before, Instant now);
  void check_jump(Duration shift, Duration jump, Instant now);
  void check_created(Instant now);
  void look_at(KnownJob& job, Instant now, Duration slack);
  void look_at_held(Instant now);
  bool is_held(const StopMemory& stop) const;
  void look_at_stop(const KnownJob& job, Instant now, Duration slack);
  bool could(const Cond& cond, const TrueJob& job, Instant now) const;
  bool quiet_since(Instant from) const { return api_.troubled_at() < from; }

  const Plan& plan_;
  const TruthOf& truth_;
  const Api& api_;
  std::optional<Violation> violation_;
  const RuleSet* rules_ = nullptr;
  const RuleSet* first_rules_ = nullptr;  ///< with which the life began
  Known now_known_, durable_known_;
  std::deque<Entry> waiting_;
  std::uint64_t durable_batch_ = 0;
  bool knows_ = false;
  /// What this life's rules make of what was known is not durable yet.
  bool reviving_ = false;
  Instant began_ = kNever;
  // Of this life.
  std::map<core::RequestId, Read> reads_;
  std::map<core::RequestId, std::pair<std::string, std::uint64_t>> stops_;  ///< job, batch
  /// By token: the last batch that must be durable before its answer leaves, and since when.
  std::map<std::uint64_t, std::pair<std::uint64_t, Instant>> orders_;
  std::uint64_t last_kept_ = 0;                   ///< the last batch that had anything to keep
  std::map<std::string, Instant> verify_failed_;  ///< since when verifying reads have failed
  std::map<std::string, FailureKind> verify_failure_;
  bool degraded_told_ = false;
  Instant dated_at_ = kNever;   ///< the first reply with a Date
  std::deque<Instant> recent_;  ///< intents of the last second
  // Of the world.
  std::map<std::uint64_t, const RuleSet*> loads_;                       ///< by token
  std::map<std::string, std::pair<std::string, Instant>> money_stops_;  ///< job: rule, due
  std::uint64_t intents_ = 0;
};

}  // namespace trainstop::proof
