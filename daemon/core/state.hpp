// What the core knows of jobs: what each rule says of each, the pots, and the open stops. Plain
// data; what happens to it stands in observe, judge, budgets and pipeline.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/effects.hpp"
#include "core/holds.hpp"
#include "core/life.hpp"
#include "policy/bill.hpp"
#include "policy/config.hpp"
#include "policy/tally.hpp"

namespace trainstop::core {

/// What only the few pairs need that have told something: there are rules times jobs of them all.
struct Told {
  std::uint64_t remembered = 0;     ///< digest of the pair's last image; 0: there is none
  Instant not_before = kLongAgo;    ///< the first notice's end
  Instant repeat_at = kNever;       ///< of a warn rule
  std::vector<Instant> warned_due;  ///< per warn_before: the due it was told for, or kLongAgo
  int extended = 0;                 ///< how often a person has extended it
};

/// One rule on one job that it applies to.
struct Pair {
  std::uint16_t rule = 0;  ///< index into Config::rules
  Standing standing = Standing::enforcing;
  Truth value = Truth::no;  ///< of the condition, when last looked at
  bool judged = false;      ///< its value has been known
  bool birth_told = false;  ///< rule.warned because the limit is below the cost of one stop
  /// Of the first list: when first judged it gets first notice and is no surprise.
  bool expected = false;
  bool consequence_told = false;  ///< rule.would_stop, or stop.held of what is spared, in this trip
  bool estimate_told = false;     ///< rule.warned because the cost is only estimated
  std::uint32_t shares_told = 0;  ///< bit i: warn_at_percent[i]
  Instant trip = kNever;          ///< when the condition becomes, or became, true
  Instant due = kNever;           ///< when a stop is to leave; also for observed and exempt ones
  Instant told = kNever;          ///< when rule.tripped was told; kNever: not tripped
  Instant foreseen_since = kNever;  ///< since when `due` has been known to within a poll interval
  Instant again = kNever;           ///< when to look again if no fact comes first
  std::unique_ptr<Told> more;       ///< made when there is something to keep

  bool tripped() const { return told != kNever; }
  Instant not_before() const { return more ? more->not_before : kLongAgo; }
  Instant repeat_at() const { return more ? more->repeat_at : kNever; }
  Told& keep() {
    if (!more) more = std::make_unique<Told>();
    return *more;
  }
};

/// How a read of one job stands: at most one is under way for each purpose.
struct PendingRead {
  RequestId request = 0;     ///< under way when not 0
  Instant again = kLongAgo;  ///< not before
  int failures = 0;          ///< in a row
};

struct Job;
/// Orders jobs by an instant and then by first sight, the same way in every run.
struct BySerial {
  bool operator()(const Job* a, const Job* b) const;
  bool operator()(const std::pair<Instant, Job*>& a, const std::pair<Instant, Job*>& b) const;
};
using JobsByTime = std::set<std::pair<Instant, Job*>, BySerial>;

/// The bill of a job that is not kept any more.
struct ClosedBill {
  policy::Bill bill;  ///< its prices are `prices`
  std::shared_ptr<const policy::PriceHistory> prices;
  AccountIndex account = 0;
  std::string job_id;  ///< its invoice's
};

/// With a copy of the prices that it rests on.
ClosedBill close_bill(const policy::Bill& bill);

/// The jobs of one group under one budget, and what they cost together in the present window.
struct Pot {
  std::uint16_t rule = 0;            ///< index into Config::rules
  std::string group;                 ///< as policy::Group names it
  bool unknown = false;              ///< what lacks the attribute: told of, never stopped
  std::set<Job*, BySerial> members;  ///< all that are in memory, ended ones as well
  std::vector<ClosedBill> closed;    ///< of the others, as far back as a clock may be wrong
  Money settled;                     ///< what those cost in the window
  /// The part of it of bills that are not in `closed` any more, and what an invoice added to that.
  Money folded, folded_invoiced;
  Money raised;    ///< what persons have added to the limit
  int raises = 0;  ///< how often, in the window
  Money invoiced;  ///< what the invoice adds to the estimate in the window, or takes from it
  Money settled_invoiced;                     ///< the part of that in `settled`
  std::optional<policy::Window> settled_for;  ///< the window of that sum, on the daemon's line
  std::size_t settled_bills = 0;              ///< and of how many of `closed` it is
  policy::Window window;                      ///< in UTC
  policy::Tally tally;
  Instant within = kNever;     ///< the tally's last_within of the limit
  Instant exhausted = kNever;  ///< the same when the pot was exhausted, until the window ends
  /// What the rule says of the pot: its due is the members', told is when it was exhausted.
  Pair watch;
  std::string shed;          ///< key of the member that is to end so that the others last
  Instant shed_at = kNever;  ///< since when
  bool changed = true;       ///< the tally is to be made anew
  bool queued = false;       ///< in the queue for review
  bool first = false;        ///< made by the first list, or from the journal: nothing is a surprise
  bool near = false;         ///< so near its limit that its members are judged by it
  bool foreseen = false;     ///< its exhaustion was: all its stops count as one
  bool counted = false;      ///< by the breaker
  bool vague = false;        ///< what a closed bill comes to is not known
  bool partial = false;      ///< not all of the window was watched
  Money overspent;           ///< as last told
  Instant overspent_told = kLongAgo;
  Instant again = kNever;        ///< its place in Impl::pot_wakes
  std::uint64_t remembered = 0;  ///< digest of its last image; 0: there is none

  policy::PotView view() const { return {&tally, within, exhausted, raised}; }
};

/// Orders pots by rule and group.
struct ByGroup {
  bool operator()(const Pot* a, const Pot* b) const {
    return std::tie(a->rule, a->group) < std::tie(b->rule, b->group);
  }
  bool operator()(const std::pair<Instant, Pot*>& a, const std::pair<Instant, Pot*>& b) const {
    return a.first != b.first ? a.first < b.first : (*this)(a.second, b.second);
  }
};

/// Why a job is stopped. Kept with the stop, because the rule may be gone before the stop is.
struct Cause {
  std::string rule, hash;            ///< the rule's
  std::optional<Money> limit;        ///< its smallest cost limit, or its budget's
  std::optional<std::string> group;  ///< of a budget
  Instant trip = kNever;
};

/// One stop, from the first thought of it to its end.
struct Stop {
  enum class Stage : std::uint8_t { waiting, ready, requested };

  std::string id;
  std::uint64_t remembered = 0;  ///< digest of its last image; 0: there is none
  Stage stage = Stage::waiting;
  Hold hold = Hold::none;
  bool tripped = false;        ///< rule.tripped was told by an enforcing rule
  bool verify_alone = false;   ///< a list did not show the job: read it directly
  bool wants_read = false;     ///< a verifying read is to be sent
  bool verified = false;       ///< whether `ready` rests on a verifying read
  bool sure = false;           ///< the condition is true, not unknown
  bool surprise_seen = false;  ///< whether the due came by surprise has been looked at
  bool approved = false;       ///< a person let it pass the breaker
  std::string ordered_by;      ///< the person whose order it is; empty: a rule's
  std::string order_reason;
  bool intended = false;  ///< stop.intended was told, and the breaker has counted it
  bool accepted = false;  ///< the last request was taken
  Instant foreseen_since = kLongAgo;
  Instant held_since = kNever, held_told = kLongAgo;
  Instant due = kNever;
  std::uint16_t rule = 0;     ///< whose due it is, until it is requested
  Pot* pot = nullptr;         ///< whose due it is, likewise; nullptr: no budget's
  bool reads_failed = false;  ///< how long it takes teaches nothing
  Cause cause;
  Instant again = kNever;  ///< when to look again if no fact comes first
  // Verification.
  PendingRead verify;
  Instant verified_at = kLongAgo;  ///< sending time of the last verifying read that showed the job
  std::optional<FailureKind> verify_failure;
  // From the first request on.
  RequestId request = 0;  ///< under way when not 0
  int attempt = 0;
  int failures = 0;  ///< of requests, in a row
  Instant requested_at = kNever;
  Instant first_sent = kNever;
  Instant next_request = kNever;
  Instant next_deadline =
      kNever;  ///< when the end must have been seen, or the request is sent anew
  Instant unconfirmed_since = kNever;
  Instant complained_at = kLongAgo;  ///< stop.refused was told
  Instant unconfirmed_told = kLongAgo;
  PendingRead confirm;

  bool ordered() const { return !ordered_by.empty(); }
  /// Whether the breaker has nothing to say of it.
  bool passed_breaker() const { return approved || intended || ordered(); }
};

struct Job {
  // What is asked of all jobs at once stands together: ten thousand are as many lines of memory.
  std::uint32_t serial = 0;  ///< in the order of first sight; breaks ties
  AccountIndex account = 0;
  bool is_over = false;   ///< whether a rule of `pairs` has tripped
  Instant next = kNever;  ///< the due of Impl::next_of
  JobRef snapshot;        ///< `raw` with the attributes that earlier replies had and this one lacks
  const policy::PriceHistory* prices = nullptr;
  std::unique_ptr<Stop> stop;
  Life life;
  std::uint64_t remembered = 0;   ///< digest of its last image; 0: there is none
  Instant sight_kept = kLongAgo;  ///< sending time of the last sight that its image holds
  std::string project_id, job_id;
  JobRef raw;               ///< as last received: the same object again means nothing changed
  std::vector<Pot*> pots;   ///< that it is a member of, in order of rule
  std::vector<Pair> pairs;  ///< of the rules that apply, in order of rule
  std::vector<std::uint16_t> unsure_rules;  ///< told once: a selector's answer is unknown
  Instant exempt_until = kLongAgo;  ///< UTC; kNever without an end, kLongAgo when not exempt
  std::string exempt_reason;
  bool exempt_unsure = false;              ///< it lacks what the exemption asks for
  std::vector<const Override*> overrides;  ///< those of this job
  std::unique_ptr<Stop> lost_stop;  ///< open when the job was lost: goes on when it is seen again
  bool queued = false;              ///< in the queue for review
  /// Facts have changed: every rule is to be looked at, not only those whose time has come.
  bool changed = false;
  /// It is to be looked at whether what is remembered of it is still so.
  bool dirty = false;
  /// Comes from the journal and has not been judged since: what falls due was foreseen.
  bool recalled = false;
  bool lost = false;
  bool requested_before = false;  ///< this daemon has sent a stop for it
  RequestId last_list = 0;        ///< the last list that showed it
  PendingRead missing;            ///< after it vanished from a list
  int polls_until_read = 0;       ///< after a 404: good lists to wait for before it is read again
  bool not_found = false;         ///< a read said 404
  Instant status_unknown_told = kLongAgo;
  Instant seen_since = kLongAgo;  ///< first sight; long ago, where that was in an earlier life
  Instant forget_at = kNever;
  bool was_exempt = false;  ///< when last reviewed
  Instant wake = kNever;    ///< its place in State::wakes
  Instant due = kNever;     ///< its place in Account::dues: the earliest enforcing due

  bool alive() const { return !life.ended() && !lost; }
};

/// Stands for the exemptions in Job::unsure_rules.
inline constexpr std::uint16_t kExemptions = 0xFFFF;
/// The rule of a stop that a person has ordered.
inline constexpr std::uint16_t kNoRule = 0xFFFE;

inline bool BySerial::operator()(const Job* a, const Job* b) const {
  return a->serial < b->serial;
}
inline bool BySerial::operator()(const std::pair<Instant, Job*>& a,
                                 const std::pair<Instant, Job*>& b) const {
  return a.first != b.first ? a.first < b.first : a.second->serial < b.second->serial;
}

}  // namespace trainstop::core
