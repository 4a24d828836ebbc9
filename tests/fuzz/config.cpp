// The configuration's reader: any text is read or refused, with places and words; what is read has
// one normal form, keeps its bounds, and can be judged by.
#include <set>

#include "core/core.hpp"
#include "fuzz/fuzz.hpp"
#include "policy/canonical.hpp"
#include "policy/describe.hpp"
#include "policy/reader.hpp"

namespace trainstop::fuzz {
namespace {

using policy::Config;
using policy::Problem;
using policy::ReadResult;
using policy::SourceText;

constexpr std::string_view kRulesBegin = "\n#rules.d\n";
constexpr Instant kStart{std::chrono::seconds(1767571200)};

void check_problems(const ReadResult& result, std::size_t lines) {
  bool error = false;
  for (const Problem& problem : result.problems) {
    error = error || problem.severity == Problem::Severity::error;
    require(!problem.message.empty() && is_one_line(problem.message), "a problem has words");
    require(problem.place.file == "m.yaml" || problem.place.file == "r.yaml", "and a file");
    require(problem.place.line >= 1 && problem.place.column >= 1, "and a place");
    require(static_cast<std::size_t>(problem.place.line) <= lines + 2, "within the file");
  }
  require(result.config.has_value() != error, "a configuration, or an error");
}

void check_bounds(const Config& config) {
  using namespace std::chrono_literals;
  require(!config.accounts.empty(), "there is an account");
  require(config.poll.interval >= 100ms && config.poll.interval <= 1h, "poll.interval");
  require(config.poll.timeout >= 100ms && config.poll.timeout <= 5min, "poll.timeout");
  require(config.stop.confirm_every >= 100ms && config.stop.concurrency >= 1, "stop");
  require(config.safety.max_stops.count >= 0 && config.safety.max_stops.per > 0s,
          "safety.max_stops");
  for (const auto& [type, price] : config.prices_per_minute) {
    require(price >= Money{} && !type.empty(), "prices");
  }
  std::set<std::string> names;
  for (const policy::Rule& rule : config.rules) {
    require(!rule.name.empty() && names.insert(rule.name).second, "rules have names of their own");
    require(rule.grace >= 0s && rule.repeat >= 0s, "spans of a rule");
    require(std::is_sorted(rule.warn_before.rbegin(), rule.warn_before.rend()), "longest first");
    require(std::is_sorted(rule.warn_at_percent.begin(), rule.warn_at_percent.end()), "ascending");
    require(!rule.canonical.empty() && rule.hash.size() == 12, "a normal form and its hash");
    require(rule.hash == policy::short_hash(rule.canonical), "the hash is that of the normal form");
    const std::string words = describe(rule, config);
    require(!words.empty(), "a rule has words");
  }
}

/// Judges a job by the rule at `at`.
void check_condition(const policy::Condition& condition, const policy::JobTimes& job, Instant at) {
  const Truth now = value_at(condition, job, at);
  const Instant change = next_change(condition, job, at);
  require(change > at, "a change is later");
  const Instant until = std::min(change, at + std::chrono::hours(24 * 60));
  require(value_at(condition, job, until - Duration{1}) == now, "until a change nothing changes");
  const Instant first = first_true(condition, job, at, at + std::chrono::hours(24 * 30));
  if (now == Truth::yes) require(first == at, "what is true is true at once");
  if (first != kNever) {
    require(first >= at, "the first true instant is no earlier");
    require(value_at(condition, job, first) == Truth::yes, "and true");
  }
  progress_at(condition, job, at);
  require(!evidence_at(condition, job, at).empty(), "a condition has evidence");
  require(!describe(condition).empty(), "a condition has words");
  can_extrapolate(condition);
}

void check_budget(const policy::Budget& budget, const std::string& job_name) {
  const policy::Period& period = budget.period;
  require(budget.limit > Money{}, "a budget has a limit");
  require(period.window_at(kStart).contains(kStart), "a window holds the instant it was asked for");
  std::string error;
  const std::string begin = format_resets_at(period.per(), period.resets_at());
  const auto again = policy::parse_resets_at(period.per(), begin, error);
  require(begin.empty() ? !again : again == period.resets_at(), "parse(format(begin)) == begin");
  policy::JobAttributes job;
  job.job_name = job_name;
  const auto group = group_of(budget.group_by, job);
  require(group || budget.group_by.pattern, "only a pattern leaves jobs out");
  require(!to_string(budget.group_by).empty(), "a group has words");
}

policy::JobTimes any_job(Input& input) {
  policy::JobTimes job;
  job.phase = static_cast<Phase>(input.between(0, 4));
  job.status = "RUNNING";
  job.created_at = kStart - Duration(input.between<std::int64_t>(0, 10'000'000'000'000));
  job.phase_since = job.status_since = job.created_at + std::chrono::minutes(input.between(0, 999));
  job.ran_before = std::chrono::seconds(input.between(0, 100'000));
  job.utc_shift = Duration(input.between<std::int64_t>(-100'000'000, 100'000'000));
  if (input.flag()) job.bill.earliest = job.bill.latest = job.phase_since;
  job.bill.nodes = input.between(1, 4);
  return job;
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  using namespace trainstop::fuzz;
  Input input(data, size);
  policy::JobTimes job = any_job(input);
  const policy::PriceHistory prices{{kLongAgo, Money::from_nano(input.between(1, 2'000'000'000))}};
  if (input.flag()) job.bill.prices = &prices;
  const std::string text = input.rest();
  const std::size_t split = std::min(text.find(kRulesBegin), text.size());
  const SourceText main{"m.yaml", text.substr(0, split)};
  std::vector<SourceText> rules;
  if (split < text.size()) rules.push_back({"r.yaml", text.substr(split + kRulesBegin.size())});
  const ReadResult result = policy::read_config(main, rules);
  check_problems(result, static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  if (!result.config) return 0;
  const ReadResult again = policy::read_config(main, rules);
  require(again.config && canonical(*again.config) == canonical(*result.config),
          "the same text is the same configuration");
  require(again.config->hash == result.config->hash, "with the same hash");
  check_bounds(*result.config);
  for (const policy::Rule& rule : result.config->rules) {
    check_condition(rule.when, job, kStart);
    if (const policy::Budget* budget = budget_of(rule.when)) check_budget(*budget, rule.name);
  }
  core::Core core(*result.config, kStart, Duration{0}, 1);
  const core::Batch batch = core.handle(core::Recalled{}, kStart);
  require(!batch.acts.empty() && batch.wake > kStart, "a core goes to work on it");
  return 0;
}
