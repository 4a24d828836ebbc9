#include "proof/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::proof {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

enum : std::uint64_t { kShape = 1, kJob, kStrength, kDeath, kSpans, kPrices, kStampede, kWavering };

constexpr Duration kRest = hours(2);

constexpr std::array<std::string_view, kHarms> kNames{
    "slow_replies",   "lost_requests", "lost_replies", "failures",   "stale_lists",
    "partial_lists",  "empty_lists",   "duplicates",   "malformed",  "missing_fields",
    "price_changes",  "absurd_prices", "wall_jumps",   "wall_drift", "date_off",
    "suspends",       "crashes",       "other_rules",  "slow_disk",  "broken_disk",
    "stubborn_stops", "reloads",       "hands",        "freezes"};

/// The statuses of a job's life, in order.
void make_life(JobPlan& job, Dice& dice, Duration length) {
  Duration at{0};
  const auto step = [&](std::string status, Duration most) {
    job.steps.push_back({at, std::move(status)});
    at += dice.spread(seconds(1), most);
  };
  step(dice.chance(700) ? "PENDING" : "CREATED", minutes(90));
  const int rounds = dice.chance(250) ? dice.number(2, 5) : 1;
  for (int round = 0; round < rounds; ++round) {
    if (dice.chance(900)) step("DEPLOYING", dice.chance(900) ? minutes(20) : hours(3));
    if (dice.chance(60)) step(dice.chance(500) ? "HIBERNATING" : "WARMING_UP", minutes(30));
    // Some pauses are so short that no poll sees them.
    step("RUNNING", round + 1 < rounds ? hours(4) : length);
    if (dice.chance(80)) step("SNAPSHOTTING", minutes(20));
    if (dice.chance(60)) step("RUNNING", hours(2));
    if (round + 1 < rounds)
      step(dice.chance(700) ? "PENDING" : "QUEUED", dice.chance(300) ? seconds(20) : minutes(40));
  }
  if (dice.chance(550)) {
    step(dice.pick(std::vector<std::string>{"COMPLETED", "COMPLETED", "FAILED", "DEPLOY_FAILED",
                                            "STOPPED", "PREEMPTED", "EXPIRED", "NODE_FAILED"}),
         seconds(1));
    job.vanishes = dice.chance(150);
  }
}

JobPlan make_job(std::uint64_t seed, int number, Duration length, bool stubborn) {
  Dice dice(seed, kJob, static_cast<std::uint64_t>(number));
  JobPlan job;
  job.number = number;
  job.id = "j" + std::to_string(number);
  const int project = dice.number(0, 3);
  job.project_id = "p" + std::to_string(project);
  job.project = std::vector<std::string>{"llm-a", "llm-b", "prod",
                                         "vision"}[static_cast<std::size_t>(project)];
  job.team = std::vector<std::string>{"research", "research", "",
                                      "vision"}[static_cast<std::size_t>(project)];
  job.name = "run-" + std::to_string(number) + (dice.chance(120) ? "-keep" : "");
  job.user = dice.pick(
      std::vector<std::string>{"ana@corp.example", "bo@corp.example", "cy@corp.example", ""});
  const TypePlan& type = dice.pick(types());
  job.type = type.id;
  job.gpu_type = type.gpu;
  job.gpus = type.gpus;
  job.availability = dice.chance(200) ? "spot" : "dedicated";
  job.nodes = dice.chance(250) ? dice.number(2, 8) : 1;
  job.priority = dice.chance(200) ? dice.number(1, 3) : 0;
  job.bare = dice.chance(40);
  job.digits = dice.pick(std::vector<int>{0, 3, 6, 6, 6});
  const bool before = dice.chance(250);
  job.created =
      before ? -dice.spread(minutes(1), hours(20)) : dice.between(Duration{0}, length * 2 / 3);
  make_life(job, dice, length);
  job.stop_latency = dice.chance(850) ? dice.spread(milliseconds(200), seconds(50))
                                      : dice.spread(seconds(50), minutes(8));
  if (stubborn && dice.chance(300)) job.ignored_stops = dice.number(1, 2);
  return job;
}

/// A third of all worlds is calm; the others have a few harms, or all of them.
void make_strength(Plan& plan, const Mask& mask) {
  Dice dice(plan.seed, kStrength);
  const int mood = dice.number(0, 99);
  const int common = mood < 30 ? 0 : mood < 75 ? 250 : 700;
  for (std::size_t i = 0; i < kHarms; ++i) {
    Dice own(plan.seed, kStrength, 1 + i);
    // What persons do belongs to calm worlds as well.
    const bool by_hand = i >= static_cast<std::size_t>(Harm::reloads);
    if (!own.chance(by_hand ? 300 : common) || mask.harms[i]) continue;
    plan.strength[i] = own.pick(std::vector<int>{3, 10, 30, 100, 300});
    if (i == static_cast<std::size_t>(Harm::slow_replies)) plan.strength[i] += 200;
  }
}

std::vector<Span> make_spans(Dice& dice, Duration active, Duration longest, int most) {
  std::vector<Span> spans;
  const int count = dice.number(1, most);
  for (int i = 0; i < count; ++i) {
    const Duration from = dice.between(seconds(30), active - minutes(1));
    const Duration to = std::min(active, from + dice.spread(seconds(1), longest));
    spans.push_back({from, to, 0});
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from < b.from; });
  return spans;
}

void make_spans(Plan& plan) {
  Dice dice(plan.seed, kSpans);
  const auto own = [&](Harm harm) {
    return Dice(plan.seed, kSpans, 1 + static_cast<std::uint64_t>(harm));
  };
  if (Dice d = own(Harm::suspends); plan.has(Harm::suspends))
    plan.suspends = make_spans(d, plan.active, hours(2), 3);
  if (Dice d = own(Harm::slow_disk); plan.has(Harm::slow_disk))
    plan.slow_disk = make_spans(d, plan.active, minutes(30), 4);
  if (Dice d = own(Harm::broken_disk); plan.has(Harm::broken_disk))
    plan.broken_disk = make_spans(d, plan.active, hours(2), 3);
  if (Dice d = own(Harm::wall_jumps); plan.has(Harm::wall_jumps)) {
    plan.wall_errors = make_spans(d, plan.active, hours(6), 3);
    for (Span& span : plan.wall_errors) {
      const Duration error = d.spread(seconds(1), hours(48));
      span.value = (d.chance(500) ? error : -error).count();
    }
  }
  if (Dice d = own(Harm::wall_drift); plan.has(Harm::wall_drift))
    plan.drift_ppm = d.number(-300, 300);
  if (Dice d = own(Harm::date_off); plan.has(Harm::date_off)) {
    const Duration error = d.spread(seconds(1), hours(30));
    plan.date_error = std::chrono::floor<seconds>(d.chance(500) ? error : -error);
  }
}

void make_deaths(Plan& plan) {
  if (!plan.has(Harm::crashes)) return;
  Dice dice(plan.seed, kDeath);
  const std::vector<std::string> places{"rule.warned",    "rule.tripped",  "stop.intended",
                                        "stop.sent",      "stop.accepted", "job.ended",
                                        "stop.confirmed", "job.seen",      "stop.retrying"};
  const int count = dice.number(1, 8);
  for (int i = 0; i < count; ++i) {
    Death death;
    death.at = dice.between(seconds(5), plan.active - minutes(2));
    if (dice.chance(350)) death.at = dice.between(seconds(5), minutes(40));
    death.away = dice.chance(700) ? dice.spread(milliseconds(200), minutes(2))
                                  : dice.spread(minutes(2), hours(3));
    if (dice.chance(600)) death.event = dice.pick(places);
    death.after_write = dice.chance(500);
    death.orderly = death.event.empty() && dice.chance(200);
    if (plan.has(Harm::other_rules) && dice.chance(400))
      death.rules = dice.number(0, static_cast<int>(plan.rules.size()) - 1);
    plan.deaths.push_back(death);
  }
  std::sort(plan.deaths.begin(), plan.deaths.end(),
            [](const Death& a, const Death& b) { return a.at < b.at; });
}

void make_prices(Plan& plan) {
  Dice dice(plan.seed, kPrices);
  for (const TypePlan& type : types()) {
    if (plan.has(Harm::price_changes) && dice.chance(500))
      plan.prices.push_back({dice.between(Duration{0}, plan.active), type.id,
                             fmt::format("{:.5f}", static_cast<double>(dice.number(300, 2800)) /
                                                       1000 * std::stod(type.price))});
    if (plan.has(Harm::absurd_prices) && dice.chance(600))
      plan.prices.push_back(
          {dice.between(Duration{0}, plan.active), type.id,
           dice.pick(std::vector<std::string>{"1e400", "0", "-1", "null", "\"12\"", "866.67",
                                              "\"free\"", "0.0000000001", "1e308", "59.9"})});
  }
  std::sort(plan.prices.begin(), plan.prices.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
}

/// Stops whatever runs.
RuleText running_rule(std::string name) {
  RuleText rule;
  rule.name = std::move(name);
  rule.when.kind = Cond::Kind::in_status;
  rule.when.statuses = {"RUNNING"};
  rule.text = to_yaml(rule);
  return rule;
}

/// In some worlds the queue moves all at once, and a rule is true of whatever runs: nobody foresaw
/// any of it.
void make_stampede(Plan& plan) {
  Dice dice(plan.seed, kStampede);
  if (!dice.chance(60)) return;
  const Duration at = dice.between(minutes(20), plan.active - minutes(20));
  for (JobPlan& job : plan.jobs) {
    if (dice.chance(150)) continue;
    job.created = std::min(job.created, at - minutes(5));
    const Duration after = at - job.created;
    job.steps = {{Duration{0}, "PENDING"},
                 {after + dice.between(Duration{0}, seconds(4)), "RUNNING"}};
    job.vanishes = false;
  }
  const RuleText crowd = running_rule("r90");
  for (RuleSet& set : plan.rules) {
    set.rules.push_back(crowd);
    set.max_stops = std::max(set.max_stops, 20);
  }
}

/// In others jobs go to a status that nobody knows while a rule's grace runs.
void make_wavering(Plan& plan) {
  Dice dice(plan.seed, kWavering);
  if (!dice.chance(60)) return;
  for (JobPlan& job : plan.jobs) {
    if (dice.chance(500)) continue;
    const Duration away = dice.between(minutes(22), minutes(32));
    job.steps = {{Duration{0}, "PENDING"},
                 {minutes(1), "RUNNING"},
                 {away, "SNAPSHOTTING"},
                 {away + minutes(20), "RUNNING"}};
    job.vanishes = false;
  }
  RuleText rule = running_rule("r91");
  rule.when.limit = minutes(20);
  rule.grace = minutes(10);
  rule.text = to_yaml(rule);
  for (RuleSet& set : plan.rules) set.rules.push_back(rule);
}

}  // namespace

std::string_view to_string(Harm harm) {
  return kNames[static_cast<std::size_t>(harm)];
}

const std::vector<TypePlan>& types() {
  static const std::vector<TypePlan> all{{"H100x8", "H100", 8, "0.86667"},
                                         {"A10G:2x24", "A10G", 2, "0.04024"},
                                         {"B200x8", "B200", 8, "1.33064"},
                                         {"L4", "L4", 1, "0.01414"}};
  return all;
}

Duration wall_error_at(const Plan& plan, Instant now) {
  Duration error{0};
  for (const Span& span : plan.wall_errors) {
    if (now >= kStart + span.from && now < kStart + span.to) error = Duration{span.value};
  }
  if (now < kStart + plan.active) error += (now - kStart) * plan.drift_ppm / 1'000'000;
  return error;
}

std::string Mask::options() const {
  std::string text;
  if (!jobs.empty()) text += fmt::format(" --without-jobs {}", fmt::join(jobs, ","));
  std::string names;
  for (std::size_t i = 0; i < kHarms; ++i) {
    if (harms[i]) names += (names.empty() ? "" : ",") + std::string(kNames[i]);
  }
  if (!names.empty()) text += " --without " + names;
  if (longest != Duration::max())
    text += fmt::format(" --longest {}", std::chrono::floor<seconds>(longest).count());
  return text;
}

Plan make_plan(std::uint64_t seed, const Mask& mask) {
  Plan plan;
  plan.seed = seed;
  Dice dice(seed, kShape);
  const bool is_short = dice.chance(700);  // most find as much in less time
  plan.active =
      std::chrono::floor<minutes>(dice.spread(hours(4), is_short ? hours(10) : hours(70)));
  plan.length = std::min(plan.active + kRest, mask.longest);
  if (mask.fleet == 0) make_strength(plan, mask);
  const int sets = plan.has(Harm::other_rules) || plan.has(Harm::reloads) ? 3 : 1;
  for (int i = 0; i < sets; ++i) plan.rules.push_back(make_rules(seed, i, kStart, plan.active));
  if (!plan.has(Harm::freezes)) {
    for (RuleSet& set : plan.rules) set.freezes.clear();
  }
  if (mask.fleet > 0) plan.rules.front().poll = seconds(30);
  const int jobs = mask.fleet > 0 ? mask.fleet : dice.number(3, 20);
  for (int i = 0; i < jobs; ++i) {
    if (mask.jobs.count(i) == 0)
      plan.jobs.push_back(make_job(seed, i, plan.active, plan.has(Harm::stubborn_stops)));
  }
  if (mask.fleet == 0) {
    make_stampede(plan);
    make_wavering(plan);
  }
  make_spans(plan);
  make_deaths(plan);
  make_reloads(plan);
  make_hands(plan);
  make_prices(plan);
  return plan;
}

}  // namespace trainstop::proof
