// What the daemon can know, rebuilt naively from the same replies by the words of the manual: logs
// of sights turned into stays, a bill counted minute by minute, what was told. The checker's memory
// of it is cut at every crash to what was durable.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "core/facts.hpp"
#include "proof/rules.hpp"

namespace trainstop::proof {

enum class Where : std::uint8_t { queued, deploying, running, over, unclear };
const char* to_string(Where where);

struct Stay {
  Where where = Where::unclear;
  Instant earliest, latest;  ///< of its begin
};

/// What one rule has told of one job.
struct PairMemory {
  Instant told = kNever;
  Instant due = kNever;  ///< as told
  Instant notice_until = kLongAgo;
  /// Until when a trip was told to wait as if for a first notice; it stands though the rule clears.
  Instant granted_until = kLongAgo;
  bool expected = false, judged = false;
  bool careful = false;  ///< was last told while not enforcing
  /// When a reply made it due that a poll interval before was not foreseen for as long again.
  Instant surprised = kLongAgo;
  /// Since when what was told so must be told again or taken back; kNever: need not.
  Instant owed_since = kNever;
  std::set<std::pair<Duration, Instant>> warned;  ///< warn_before and due
};

struct StopMemory {
  std::string id, rule;
  const RuleText* by = nullptr;  ///< that rule, as it was then
  Instant intended = kNever, due = kNever;
  bool verified = false, accepted = false, under_way = false;
  Instant requested = kNever;  ///< the last request
  Instant failed = kNever;     ///< its failure came
  Duration must_wait{0};

  Instant early_at = kLongAgo;    ///< when it was last sent because confirm_within had passed
  Instant returned = kLongAgo;    ///< when its job was seen again after a loss
  bool sent = false;              ///< told
  Instant first_byte = kNever;    ///< of the first request
  Instant held_unknown = kNever;  ///< told
  bool noticed = false;           ///< its due is that of a first notice
  Instant unconfirmed = kNever;   ///< when it was told

  /// Whether its request has left, or counts as made: its end is awaited.
  bool followed() const { return sent || requested != kNever; }
};

struct KnownJob {
  std::string id;
  JobSnapshot seen;
  JobRef raw;          ///< as last received; `seen` has what earlier ones had besides
  std::string status;  ///< without TRAINING_JOB_
  Where where = Where::unclear;
  bool status_unclear = true;
  std::vector<Stay> stays;
  Stay status_stay;
  std::optional<std::pair<Instant, Instant>> billed;
  Instant last_sent = kLongAgo;
  Instant kept_sent = kLongAgo;  ///< what of it a restart is sure to know
  bool lost = false;
  Instant lost_at = kNever;
  int not_found = 0;           ///< 404s since the last sight
  Instant changed = kLongAgo;  ///< when a fact of it changed
  Instant over_seen = kNever;
  bool forgotten = false;  ///< by the daemon, in a call since it was over or lost for long enough
  bool requested_before = false;
  bool held = false, approved = false;  ///< by the breaker; by a person
  std::string held_id;                  ///< of the stop
  Instant ordered = kNever;             ///< when a person ordered its stop
  Instant surprised = kLongAgo;         ///< PairMemory's, of the rule that its stop is by
  std::map<std::string, PairMemory> pairs;
  std::optional<StopMemory> stop;

  bool over() const { return where == Where::over; }
  bool alive() const { return !over() && !lost; }
  Duration ran_before() const;
};

/// What a person has ordered for a while.
struct Hand {
  enum class Kind : std::uint8_t { exempt, extend, pause };
  std::string id;
  Kind kind = Kind::exempt;
  std::string job, rule;  ///< empty: all
  Duration by{0};
  Instant from, until;     ///< on the line, and in UTC
  Instant ended = kNever;  ///< told, on the line
  bool covers(const KnownJob& of, const std::string& name) const {
    return (job.empty() || job == of.id) && (rule.empty() || rule == name);
  }
};

using Prices = std::vector<std::pair<Instant, Money>>;

struct Known {
  const RuleSet* rules = nullptr;
  Instant started = kStartOfTime;  ///< of this life
  Instant loaded = kStartOfTime;   ///< when the rules were
  std::map<std::string, KnownJob> jobs;
  std::map<std::string, Prices> prices;
  std::map<std::string, std::optional<std::string>> teams;  ///< by project id
  Duration shift{0};
  Instant shift_changed = kLongAgo, prices_changed = kLongAgo, teams_changed = kLongAgo;
  std::deque<Instant> intents;
  std::string breaker;               ///< why it is open
  Instant breaker_reset = kLongAgo;  ///< by a command
  std::deque<Duration> stops_took;   ///< the last hundred, from first byte to seen end
  Instant allowance_changed = kLongAgo;
  /// Stops of which a read failed, or that a restart has cut: they teach nothing. Shared by copies.
  std::shared_ptr<std::set<std::string>> lossy = std::make_shared<std::set<std::string>>();
  std::set<std::string> judged;  ///< rules, by their text and whether they enforced
  bool listed = false;           ///< a list came in this life
  std::vector<Hand> hands;       ///< those that have ended as well
  /// Trips of rules that the reload of this call has taken away: to be told as cleared.
  std::set<std::pair<std::string, std::string>> dropped;

  static constexpr Instant kStartOfTime = kLongAgo;

  void take(const core::Fact& fact, Instant now);
  void take(const Event& event, Instant now);
  /// Another life begins on what is kept.
  void revive(const RuleSet& with, Instant now);
  /// Other rules from now on; `take` follows.
  void reload(const RuleSet& with, Instant now);

  KnownJob* find(const std::string& id);
  Asked asked(const KnownJob& job) const;
  bool applies(const RuleText& rule, const KnownJob& job) const;
  bool exempt(const KnownJob& job, Instant now) const;
  bool enforces(const RuleText& rule, Instant now) const;
  /// Whether a freeze holds the rule's stop of the job.
  bool frozen(const RuleText& rule, const KnownJob& job, Instant at) const;
  bool in_force(const Hand& hand, Instant at) const;
  /// By a person's exemption or pause.
  bool spared(const KnownJob& job, const std::string& rule, Instant at) const;
  /// What persons have added to the time limits.
  Duration extension(const KnownJob& job, const std::string& rule, Instant at) const;
  /// When a person last changed anything that is about the job.
  Instant hand_on(const KnownJob& job) const;
  std::string identity(const RuleText& rule, Instant now) const;
  void learn(const KnownJob& job, Instant now);
  void note_sent(StopMemory& stop, const Event& event, Instant now) const;
  Duration allowance() const;
  Instant utc(Instant line) const { return saturating_add(line, shift); }

  /// The condition's value; `lead` as the stop rules read money, none: plain.
  Truth value(const Cond& cond, const KnownJob& job, Instant at, std::optional<Duration> lead,
              Duration more) const;
  /// With the lead that makes a stop's trip.
  Truth trip_value(const RuleText& rule, const KnownJob& job, Instant at) const;
  /// With the lead that makes a stop due.
  Truth due_value(const RuleText& rule, const KnownJob& job, Instant at) const;
  const Prices* prices_of(const KnownJob& job) const;
  bool estimated(const KnownJob& job) const;
  /// The bill if the job ended at `at`, counted minute by minute from the earliest or latest begin;
  /// none without a price.
  std::optional<Money> bill(const KnownJob& job, Instant at, bool from_latest) const;

 private:
  void observe(const JobRef& seen, Instant sent, Instant received, bool direct, Instant now);
  void enter(KnownJob& job, Where where, Instant earliest, Instant latest);
  void judge_first(Instant now);
  void note_careful(Instant now);
  void take_prices(const core::PricesRead& read, Instant now);
  void note_pairs(KnownJob& job);
  bool stays(const std::string& rule, const RuleSet& with) const;
  void note_surprises(const KnownJob& before, KnownJob& job, Instant now) const;
  void take_hand(const Event& event, Instant now);
  void note_hand(const Hand& hand, Instant now);
  Truth leaf(const Cond& cond, const KnownJob& job, Instant at, std::optional<Duration> lead,
             Duration more) const;
};

/// A field's text, empty when there is none.
std::string text_of(const Event& event, std::string_view name);
std::optional<Instant> instant_of(const Event& event, std::string_view name);

}  // namespace trainstop::proof
