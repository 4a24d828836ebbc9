// What each rule says of a job.
#include <algorithm>
#include <tuple>

#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

using std::chrono_literals::operator""min;

namespace {

constexpr Duration kUnknownStatusAgain = std::chrono::hours(24);

/// Which one of the pot goes first.
std::string spell(policy::Shed::Order order) {
  using Order = policy::Shed::Order;
  switch (order) {
    case Order::newest:
      return "newest";
    case Order::oldest:
      return "oldest";
    case Order::highest_rate:
      return "costliest";
    case Order::least_spent:
      return "one that has cost least";
    case Order::lowest_priority:
      return "one of the lowest priority";
  }
  return {};
}

bool is_estimated_only(const policy::Rule& rule, const policy::JobTimes& times, Truth value,
                       Instant now) {
  return value == Truth::unknown && times.bill.estimated && policy::has_money(rule.when) &&
         times.bill.upper_at(now).has_value();
}

}  // namespace

void Core::Impl::tell_unknown_status(Account& account, Job& job) {
  if (now < saturating_add(job.status_unknown_told, kUnknownStatusAgain)) return;
  job.status_unknown_told = now;
  tell_job("job.status_unknown", Level::warning, account, job,
           "status " + job.life.status() +
               " is not known: the job counts as alive in its last known phase");
}

bool Core::Impl::enforces(const policy::Rule& rule) const {
  if (planted("observe-ignored")) return true;
  return config.mode == policy::Mode::enforce && rule.mode == policy::Mode::enforce &&
         (!rule.enforce_from || utc(now) >= *rule.enforce_from);
}

std::string Core::Impl::judgement_of(const policy::Rule& rule) const {
  return rule.hash + (enforces(rule) ? "+" : "-");
}

Standing Core::Impl::standing(const policy::Rule& rule, const Job& job, Instant& changes) const {
  const Instant utc_now = utc(now);
  if (rule.enforce_from && utc_now < *rule.enforce_from) {
    changes = std::min(changes, saturating_add(*rule.enforce_from, -shift));
  }
  if (job.exempt_until > utc_now && !planted("exempt-ignored")) {
    changes = std::min(changes, saturating_add(job.exempt_until, -shift));
    return Standing::exempt;
  }
  Standing by_hand = Standing::enforcing;
  const auto spare = [&](const Override& made, Standing standing) {
    if (!made.covers(rule.name) || !in_force(made)) return;
    changes = std::min(changes, saturating_add(made.until, -shift));
    if (by_hand != Standing::exempt) by_hand = standing;
  };
  for (const Override* made : job.overrides) {
    if (made->kind == Override::Kind::exempt) spare(*made, Standing::exempt);
  }
  for (const Override* made : pauses) {
    if (!planted("pause-ignored")) spare(*made, Standing::paused);
  }
  if (by_hand != Standing::enforcing) return by_hand;
  return enforces(rule) ? Standing::enforcing : Standing::observed;
}

void Core::Impl::review(Job& job) {
  Account& account = accounts[job.account];
  mark(job);
  if (!job.alive()) {
    if (now >= job.forget_at) return forget(account, job);
    return wake_at(job, job.forget_at);
  }
  Instant again = kNever;
  if (job.life.status_unknown()) {
    tell_unknown_status(account, job);
    again = saturating_add(job.status_unknown_told, kUnknownStatusAgain);
  } else {
    job.status_unknown_told = kLongAgo;
  }
  const policy::JobTimes facts = times(job);
  for (Pair& pair : job.pairs) {
    if (job.changed || pair.again <= now) review_pair(account, job, pair, facts);
    again = std::min(again, pair.again);
  }
  job.changed = false;
  job.recalled = false;
  job.was_exempt = job.exempt_until > utc(now);
  sum_up_pairs(job);
  index_due(account, job);
  advance_stop(account, job);
  if (job.stop) {
    again = std::min(again, job.stop->again);
  } else if (job.due != kNever) {
    again = std::min(again, saturating_add(job.due, -account.latency.verify_lead()));
  }
  wake_at(job, again);
}

void Core::Impl::review_pair(Account& account, Job& job, Pair& pair,
                             const policy::JobTimes& of_job) {
  const policy::Rule& rule = config.rules[pair.rule];
  Instant changes = kNever;
  const Standing stands = standing(rule, job, changes);
  const bool promoted = pair.standing != Standing::enforcing && stands == Standing::enforcing;
  pair.standing = stands;
  if (promoted && !planted("promoted-without-notice")) {  // now it is judged for the first time
    pair.expected = true;
    pair.judged = false;
  }
  const bool first = !pair.judged && pair.expected;
  const Pot* const pot = pot_of(job, pair.rule);
  policy::JobTimes facts = of_job;
  if (pot != nullptr) facts.pot = view_for(job, *pot, of_job);
  for (const Override* made : job.overrides) {
    if (made->kind == Override::Kind::extend && made->covers(rule.name) && in_force(*made))
      changes = std::min(changes, saturating_add(made->until, -shift));
  }
  facts.extension = extension_of(job, rule);
  const Outlook outlook =
      look(rule, facts, now, account.latency.allowance(), promoted ? kNever : pair.told);
  // Before its price and phase are known nothing has been judged.
  pair.judged = pair.judged || outlook.value != Truth::unknown || facts.bill.estimated;
  pair.value = outlook.value;
  bool over = outlook.value == Truth::no || (promoted && outlook.value == Truth::unknown);
  if (planted("never-cleared") || (promoted && planted("spared-vanishes"))) over = false;
  if (pair.tripped() && over) clear(account, job, pair);
  if (promoted) {  // whatever was told before was not meant in earnest
    pair.told = kNever;
    pair.consequence_told = false;
  }
  const bool holds = outlook.value == Truth::yes ||
                     (planted("trips-on-unknown") && outlook.value == Truth::unknown);
  const bool trips = !pair.tripped() && holds;
  if (trips && first && !planted("first-notice-off"))
    pair.keep().not_before = saturating_add(now, config.safety.first_notice);
  if (!pair.tripped() || outlook.trip != kNever) {  // an unknown value keeps what was told
    const Instant due = outlook.due == kNever ? kNever : std::max(outlook.due, pair.not_before());
    if (moved(due, pair.due, config.poll.interval)) {
      pair.foreseen_since = first || job.recalled ? kLongAgo : now;
      if (pot != nullptr) pair.foreseen_since = pot->watch.foreseen_since;
    }
    pair.trip = outlook.trip;
    pair.due = due;
  }
  if (trips) trip(account, job, pair, facts);
  warn(account, job, pair, facts);
  tell_consequence(account, job, pair, facts);
  const Instant warning = pot != nullptr ? kNever : next_warning(rule, facts, now, pair);
  pair.again = std::min({outlook.again, changes, warning, pair.repeat_at()});
  const bool waits = pair.tripped() && stands != Standing::enforcing && !pair.consequence_told &&
                     pair.value == Truth::yes && rule.action == policy::Action::stop;
  if (waits) pair.again = std::min(pair.again, pair.due);
}

void Core::Impl::trip(Account& account, Job& job, Pair& pair, const policy::JobTimes& facts) {
  const policy::Rule& rule = config.rules[pair.rule];
  pair.told = now;
  if (rule.repeat > Duration{0}) pair.keep().repeat_at = saturating_add(now, rule.repeat);
  std::string message = "rule " + rule.name + " tripped: " + policy::describe(rule.when);
  if (pair.not_before() > now && rule.action == policy::Action::stop)
    message += "; first notice: not before " + format_rfc3339(utc(pair.not_before()));
  const Pot* const pot = pot_of(job, pair.rule);
  const bool shed = pot != nullptr && is_shed(*pot, job);
  if (shed)
    message +=
        "; shed as the " + spell(rule.shed->order) + " so that the others last until the reset";
  Event& event = tell_rule("rule.tripped", Level::warning, account, job, pair, std::move(message));
  if (shed) event.with("shed", policy::to_string(rule.shed->order));
  add_value(event, rule, facts);
  add_cost(event, facts);
  add_evidence(event, job, {&pair}, facts);
  if (pair.standing == Standing::enforcing && rule.action == policy::Action::stop) {
    if (!job.stop) open_stop(account, job);
    event.with("stop", job.stop->id);
  }
}

void Core::Impl::clear(Account& account, Job& job, Pair& pair) {
  const policy::Rule& rule = config.rules[pair.rule];
  Event& event = tell_rule("rule.cleared", Level::info, account, job, pair,
                           "rule " + rule.name + " holds no longer");
  add_value(event, rule, facts_of(job, pair.rule, times(job)));
  pair.told = kNever;
  pair.consequence_told = false;
  // A first notice stands once it is given: the rule may hold again before it has passed.
  if (pair.more) pair.more->repeat_at = kNever;
}

void Core::Impl::warn(Account& account, Job& job, Pair& pair, const policy::JobTimes& facts) {
  const policy::Rule& rule = config.rules[pair.rule];
  if (pair.tripped() && now >= pair.repeat_at() && rule.action == policy::Action::warn) {
    trip(account, job, pair, facts);
  }
  if (policy::budget_of(rule.when) != nullptr) return;  // its pot warns
  if (!pair.estimate_told && is_estimated_only(rule, facts, pair.value, now)) {
    pair.estimate_told = true;
    Event& event =
        tell_rule("rule.warned", Level::warning, account, job, pair,
                  "the cost may have reached the limit, but the job's begin is not known closely: "
                  "it is not stopped on an estimate");
    event.with("estimated", true);
    add_value(event, rule, facts);
  }
  warn_of_birth(account, job, pair, facts);
  const auto warning = take_warning(rule, facts, now, pair);
  if (!warning) return;
  std::string message = "rule " + rule.name;
  message += warning->before
                 ? ": stop due in " + format_duration(std::chrono::round<std::chrono::seconds>(
                                          std::max(pair.due - now, Duration{0})))
                 : ": " + std::to_string(*warning->percent) + " % of the limit reached";
  Event& event = tell_rule("rule.warned", Level::warning, account, job, pair, std::move(message));
  if (warning->before) event.with("warn_before", *warning->before);
  if (warning->percent) event.with("warn_at", *warning->percent / 100.0);
  add_value(event, rule, facts);
  add_cost(event, facts);
}

void Core::Impl::warn_of_birth(Account& account, Job& job, Pair& pair,
                               const policy::JobTimes& facts) {
  const policy::Rule& rule = config.rules[pair.rule];
  if (pair.birth_told || facts.bill.prices == nullptr || rule.landing != policy::Landing::under)
    return;
  const auto limit = smallest_cost_limit(rule.when);
  const auto per_minute = facts.bill.prices->back().per_minute;
  if (!limit || !per_minute || rule.action != policy::Action::stop) return;
  const auto minutes = (account.latency.allowance() + 2min - Duration{1}) / 1min;
  const auto least = multiply(*per_minute, minutes * facts.bill.nodes);
  if (least && *least <= *limit) return;
  pair.birth_told = true;
  std::string message =
      "rule " + rule.name + ": the limit is less than the job costs while a stop takes hold";
  Event& event = tell_rule("rule.warned", Level::warning, account, job, pair, std::move(message));
  event.with("cost_limit", *limit).with("reason", "limit_below_one_stop");
  if (least) event.with("least_cost", *least);
}

void Core::Impl::tell_consequence(Account& account, Job& job, Pair& pair,
                                  const policy::JobTimes& facts) {
  const policy::Rule& rule = config.rules[pair.rule];
  const bool due = pair.tripped() && pair.value == Truth::yes && pair.due <= now;
  if (!due || pair.consequence_told || rule.action != policy::Action::stop) return;
  if (pair.standing == Standing::enforcing) return;
  pair.consequence_told = true;
  if (pair.standing == Standing::observed) {
    Event& event = tell_rule("rule.would_stop", Level::info, account, job, pair,
                             "rule " + rule.name + " would stop the job now; it observes");
    add_value(event, rule, facts);
    return add_cost(event, facts);
  }
  const bool paused = pair.standing == Standing::paused;
  tell_rule("stop.held", Level::warning, account, job, pair,
            (paused ? "stops are paused: " : "the job is exempt: ") + why_spared(job, rule))
      .with("reason", to_string(pair.standing));
}

/// The reason that a person gave, of what spares the job.
std::string Core::Impl::why_spared(const Job& job, const policy::Rule& rule) const {
  if (job.exempt_until > utc(now)) return job.exempt_reason;
  for (const auto* list : {&job.overrides, &pauses}) {
    for (const Override* made : *list) {
      const bool spares =
          made->kind == Override::Kind::exempt || made->kind == Override::Kind::pause;
      if (spares && made->covers(rule.name) && in_force(*made)) return made->reason;
    }
  }
  return {};
}

/// The pair whose stop comes next: an enforcing rule's, else that of one that does not stop it.
const Pair* Core::Impl::next_of(const Job& job) const {
  const auto rank = [&](const Pair& pair) {
    return std::tuple(pair.standing != Standing::enforcing, pair.due,
                      std::string_view(config.rules[pair.rule].name));
  };
  const Pair* next = nullptr;
  for (const Pair& pair : job.pairs) {
    if (pair.due == kNever || config.rules[pair.rule].action != policy::Action::stop) continue;
    if (next == nullptr || rank(pair) < rank(*next)) next = &pair;
  }
  return next;
}

void Core::Impl::sum_up_pairs(Job& job) const {
  const Pair* const next = next_of(job);
  job.next = next == nullptr ? kNever : next->due;
  job.is_over = std::ranges::any_of(job.pairs, &Pair::tripped);
}

void Core::Impl::index_due(Account& account, Job& job) {
  Instant due = kNever;
  const bool requested = job.stop && job.stop->stage == Stop::Stage::requested;
  if (job.stop && job.stop->ordered() && !requested) due = job.stop->due;
  for (const Pair& pair : job.pairs) {
    if (!requested && may_stop(pair)) due = std::min(due, pair.due);
  }
  if (due == job.due) return;
  if (job.due != kNever) account.dues.erase({job.due, &job});
  job.due = due;
  if (due != kNever) account.dues.emplace(due, &job);
}

}  // namespace trainstop::core
