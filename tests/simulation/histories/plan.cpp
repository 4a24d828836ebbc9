#include "simulation/histories/plan.hpp"

#include <algorithm>
#include <cmath>

#include "proof/dice.hpp"

namespace trainstop::test {

namespace {

using proof::Dice;

constexpr std::int64_t kDollar = 1'000'000'000;

/// One of some shapes of waiting: all quick, all about as long as is allowed for, or with a long
/// tail.
Duration stop_latency(Dice& dice, int shape) {
  if (shape == 0) return dice.between(0ms, 20s);
  if (shape == 1) return dice.between(5s, 59'900ms);
  const double gauss = [&] {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(dice.between(0, 1'000'000)) / 1e6;
    return sum - 6;
  }();
  const double seconds = 15 * std::exp(gauss);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, 900.0) * 1000));
}

PlannedJob make_job(Dice& dice, int number, Duration length, int shape) {
  PlannedJob job;
  job.id = "j" + std::to_string(number);
  job.project = "proj" + std::to_string(dice.number(1, 3));
  job.type = dice.pick<std::string>({"H100x8", "A100x2", "T4x1"});
  if (!dice.chance(80)) job.user = dice.pick<std::string>({"ana", "bo", "cy"});
  job.nodes = dice.chance(500) ? 1 : dice.number(2, 8);
  job.stop_latency = stop_latency(dice, shape);
  Duration at = dice.between(1s, length - 30min);
  const auto wait = [&](Duration most) { at += dice.spread(1s, most); };
  if (dice.chance(400)) {
    job.steps.emplace_back(at, "PENDING");
    wait(3h);
  }
  job.steps.emplace_back(at, dice.chance(800) ? "DEPLOYING" : "RUNNING");
  wait(30min);
  if (job.steps.back().second == "DEPLOYING") {
    job.steps.emplace_back(at, "RUNNING");
    wait(length);
  }
  if (dice.chance(200)) {  // back to the queue for a while; it is billed all the same
    job.steps.emplace_back(at, "PENDING");
    wait(1h);
    job.steps.emplace_back(at, "RUNNING");
    wait(length);
  }
  if (dice.chance(600)) job.steps.emplace_back(at, dice.chance(700) ? "COMPLETED" : "FAILED");
  return job;
}

PlannedBudget make_budget(Dice& dice, int number, std::int64_t a_minute) {
  PlannedBudget budget;
  budget.name = "pot" + std::to_string(number);
  budget.per = dice.pick<std::string>({"hour", "day", "day", "week", "month", "total"});
  budget.group_by =
      dice.pick<std::string>({"all", "all", "user", "team", "project", "job", "[team, user]"});
  budget.timezone = dice.pick<std::string>(
      {"UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Berlin"});
  const std::string minute = std::to_string(dice.number(10, 59));
  if (dice.chance(500) && budget.per == "hour") budget.resets_at = ":" + minute;
  if (dice.chance(500) && budget.per == "day") budget.resets_at = "06:" + minute;
  const std::int64_t minutes =
      dice.spread(2min, budget.per == "hour" ? Duration(3h) : Duration(40h)) / 1min;
  // To the cent, as people write it.
  budget.limit = std::max<std::int64_t>(1, a_minute * minutes / (kDollar / 100)) * (kDollar / 100);
  if (dice.chance(300)) budget.grace = std::chrono::seconds(dice.number(1, 900));
  return budget;
}

std::int64_t rate_of(const Plan& plan, const PlannedJob& job) {
  const auto price =
      std::find_if(plan.prices.begin(), plan.prices.end(),
                   [&](const PriceChange& change) { return change.type == job.type; });
  return price->nano * job.nodes;
}

}  // namespace

Plan make_plan(std::uint64_t seed) {
  Dice dice(seed, 1);
  Plan plan;
  plan.poll = dice.pick<Duration>({15s, 60s, 60s, 300s, 300s, 300s});
  plan.length = plan.poll < 60s ? dice.between(6h, 12h) : dice.between(6h, 72h);
  plan.prices = {
      {0s, "H100x8", 866'670'000}, {0s, "A100x2", 133'333'333}, {0s, "T4x1", 10'520'000}};
  for (int i = dice.number(0, 2); i > 0; --i) {
    const PriceChange& old = plan.prices[static_cast<std::size_t>(dice.number(0, 2))];
    plan.prices.push_back(
        {dice.between(1h, plan.length), old.type, old.nano * dice.number(60, 160) / 100});
  }
  const int shape = dice.number(0, 2);
  const int jobs = dice.number(3, 20);
  for (int i = 0; i < jobs; ++i) plan.jobs.push_back(make_job(dice, i, plan.length, shape));
  const int budgets = dice.chance(700) ? 1 : 2;
  for (int i = 0; i < budgets; ++i)
    plan.budgets.push_back(make_budget(dice, i, rate_of(plan, dice.pick(plan.jobs))));
  Duration at{0};
  for (int i = dice.number(0, 3); i > 0; --i) {
    at += dice.between(20min, plan.length / 3);
    const Duration away = dice.spread(100ms, 20min);
    if (at + away + 30min > plan.length) break;
    plan.restarts.emplace_back(at, away);
    at += away + 1min;
  }
  for (int i = 0; i < 3; ++i) plan.looks.push_back(dice.between(10min, plan.length));
  std::sort(plan.looks.begin(), plan.looks.end());
  plan.looks.push_back(plan.length);
  return plan;
}

std::string config_of(const Plan& plan) {
  std::string text =
      "mode: enforce\naccounts: [{name: main, api_key: {env: KEY}}]\n"
      "safety: {max_stops: {count: 1000, per: 1h}, first_notice: 0s}\npoll: {interval: " +
      format_duration(plan.poll) + "}\nrules:\n";
  for (const PlannedBudget& budget : plan.budgets) {
    text += "  - {name: " + budget.name + ", grace: " + format_duration(budget.grace) +
            ", budget: {limit: " + format_decimal(Money::from_nano(budget.limit)) +
            ", per: " + budget.per + ", group_by: " + budget.group_by;
    if (budget.per != "total") text += ", timezone: " + budget.timezone;
    if (!budget.resets_at.empty()) text += ", resets_at: \"" + budget.resets_at + "\"";
    text += "}}\n";
  }
  return text;
}

std::optional<std::string> team_of(const std::string& project) {
  if (project == "proj1") return "research";
  if (project == "proj2") return "ops";
  return {};
}

std::string group_of(const PlannedBudget& budget, const PlannedJob& job, bool& unknown) {
  const auto known = [&](const std::optional<std::string>& value) {
    unknown = unknown || !value;
    return value.value_or("(unknown)");
  };
  if (budget.group_by == "user") return known(job.user);
  if (budget.group_by == "team") return known(team_of(job.project));
  if (budget.group_by == "project") return job.project;
  if (budget.group_by == "job") return job.id;
  if (budget.group_by == "all") return "all";
  return known(team_of(job.project)) + "/" + known(job.user);
}

}  // namespace trainstop::test
