// How all is: told after the first list, and then every ten minutes.
#include <algorithm>
#include <functional>
#include <map>

#include "core/machine.hpp"

namespace trainstop::core {

namespace {

constexpr Duration kSummaryEvery = std::chrono::minutes(10);
// The costliest are named.
constexpr std::size_t kMostNamed = 5;

/// A job that is over a rule which only observes.
struct Over {
  const Job* job = nullptr;
  const Pair* pair = nullptr;
  Money rate;  ///< a minute; nothing where it is not known
};

std::string per_hour(Money per_minute) {
  const Value rate = dollars_per_hour(per_minute);
  const auto* const money = std::get_if<Money>(&rate.data);
  return money == nullptr ? "more than can be told" : format_dollars(*money) + "/h";
}

/// `1 job is`, `2 jobs are`
std::string count_of(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

const Pair* Core::Impl::would_stop(const Job& job) const {
  const auto pair = std::ranges::find_if(job.pairs, [&](const Pair& each) {
    return each.standing == Standing::observed && each.value == Truth::yes &&
           config.rules[each.rule].action == policy::Action::stop;
  });
  return pair == job.pairs.end() ? nullptr : &*pair;
}

/// Whether a list of it was ever read, in this run or one before.
bool Core::Impl::is_read(const Account& account) const {
  return account.last_good != started || account.polls.last != kNever;
}

Burn Core::Impl::burn_of(const Account& account) const {
  Burn burn;
  for (const Job* job : account.live) burn.add(bill_of(*job).rate_at(now));
  return burn;
}

void Core::Impl::summarize() {
  summary_at = saturating_add(now, kSummaryEvery);
  const bool observes = config.mode == policy::Mode::observe;
  std::size_t jobs = 0, open_stops = 0, overdue = 0;
  std::map<std::string_view, std::int64_t> held;
  Instant oldest = now;
  Burn burn;
  Money over_rate;
  bool all_read = true;
  std::vector<Over> over;
  for (const Account& account : accounts) {
    jobs += account.live.size();
    open_stops += open_requests(account);
    oldest = std::min(oldest, account.last_good);
    all_read = all_read && is_read(account);
    for (const auto& [due, job] : account.dues) {
      if (due > now) break;
      ++overdue;
      if (job->stop && job->stop->hold != Hold::none) ++held[to_string(job->stop->hold)];
    }
    for (const Job* job : account.live) {
      const auto part = bill_of(*job).rate_at(now);
      burn.add(part);
      for (const Pair& pair : job->pairs) {
        if (pair.consequence_told) ++held[to_string(pair.standing)];
      }
      const Pair* const pair = would_stop(*job);
      if (pair == nullptr) continue;
      over.push_back({job, pair, part.value_or(Money{})});
      over_rate = add(over_rate, over.back().rate).value_or(over_rate);
    }
  }
  // Who would be stopped if nothing only observed, and what has to be done for that.
  const auto words_on_over = [&] {
    if (over.empty()) return std::string(observes ? "; nothing is stopped while observing" : "");
    std::ranges::stable_sort(over, std::greater<>{}, [](const Over& each) { return each.rate; });
    std::string names;
    for (std::size_t i = 0; i < std::min(kMostNamed, over.size()); ++i) {
      const auto& [job, pair, part] = over[i];
      names += (i == 0 ? ": " : ", ") + job->snapshot->name.value_or(job->snapshot->id) +
               " (rule " + config.rules[pair->rule].name + ", since " +
               format_rfc3339(utc(pair->trip)) + ", " + per_hour(part) + ")";
    }
    if (over.size() > kMostNamed) names += ", ...";
    return "; " + std::to_string(over.size()) + " are over a rule that only observes and burn " +
           per_hour(over_rate) + names + ": nothing of that is stopped. " +
           (observes ? "With mode: enforce" : "Without mode: observe in these rules") +
           " it would be, after a notice of " + format_duration(config.safety.first_notice);
  };
  Value::Object by_reason;
  for (const auto& [reason, count] : held) by_reason.emplace_back(std::string(reason), count);
  Event& event = tell("daemon.summary", Level::info,
                      count_of(jobs, "job is", "jobs are") + " watched, " +
                          count_of(open_stops, "stop is", "stops are") + " open, " +
                          count_of(overdue, "is", "are") + " overdue" + words_on_over());
  event.with("jobs", jobs);
  if (const auto rate = burn.rate()) event.with("rate", dollars_per_hour(*rate));
  if (burn.unknown != 0) event.with("unpriced", burn.unknown);
  if (all_read) event.with("facts_age_s", now - oldest);
  event.with("open_stops", open_stops)
      .with("overdue", overdue)
      .with("held", std::move(by_reason))
      .with("mode", observes ? "observe" : "enforce")
      .with("breaker", guard.breaker.open() ? "open" : "closed")
      .with("would_stop", over.size())
      .with("would_stop_rate", dollars_per_hour(over_rate));
}

}  // namespace trainstop::core
