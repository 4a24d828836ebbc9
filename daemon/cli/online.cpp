// `trainstop check --online`: what the API says to a configuration.
#include "cli/online.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include "cli/commands.hpp"
#include "core/effects.hpp"
#include "policy/at_birth.hpp"
#include "policy/price_names.hpp"
#include "service/boot_clock.hpp"
#include "service/connect.hpp"
#include "service/secrets.hpp"

namespace trainstop::cli {

namespace asio = boost::asio;

namespace {

// More apart than this, the daemon calls the clocks skewed.
constexpr Duration kMostSkew = std::chrono::seconds(5);
// A Date header is cut to whole seconds.
constexpr Duration kDateStep = std::chrono::seconds(1);
/// One account's answers.
class Questions {
 public:
  Questions(const policy::Config& config, std::string account, baseten::Api& api, const Tell& tell)
      : config_(config), account_(std::move(account)), api_(api), tell_(tell) {}

  asio::awaitable<void> ask_all() {
    const bool accepted = co_await ask_key();
    if (accepted) {
      co_await ask_prices();
      co_await ask_jobs();
      co_await ask_projects();
    }
    api_.close();
  }
  bool good() const { return good_; }

 private:
  asio::awaitable<bool> ask_key() {
    const auto reply = co_await api_.whoami();
    if (reply.value.has_error()) {
      fail("key", reply.value.error());
      co_return false;
    }
    say("key: accepted");
    judge_clock(reply.timing);
    co_return true;
  }

  asio::awaitable<void> ask_prices() {
    const auto reply = co_await api_.prices();
    auto prices = config_.prices_per_minute;
    if (reply.value.has_error()) {
      fail("prices", reply.value.error());
    } else {
      say(fmt::format("prices: {} instance types", reply.value->per_minute.size()));
      // What the configuration says of an instance type wins.
      prices.insert(reply.value->per_minute.begin(), reply.value->per_minute.end());
    }
    for (const auto& limit : policy::limits_at_birth(config_.rules, prices))
      complain(limit.message);
    for (const auto& [name, per_minute] : prices) priced_.insert(name);
  }

  /// Whether the rules that count money know the price of every job that lives.
  asio::awaitable<void> ask_jobs() {
    const auto reply = co_await api_.search(
        {std::begin(core::kActiveStatuses), std::end(core::kActiveStatuses)}, net::Lane::normal);
    if (reply.value.has_error()) {
      fail("jobs", reply.value.error());
      co_return;
    }
    say(fmt::format("jobs: {} alive", reply.value->jobs.size()));
    std::map<std::string, std::size_t> without;
    for (const JobRef& job : reply.value->jobs) {
      const auto names = policy::price_names(*job);
      const bool known = std::any_of(names.begin(), names.end(),
                                     [&](const auto& name) { return priced_.contains(name); });
      if (!known) ++without[job->instance_type];
    }
    std::vector<std::string_view> rules;
    for (const policy::Rule& rule : config_.rules) {
      if (policy::has_money(rule.when)) rules.push_back(rule.name);
    }
    for (const auto& [type, jobs] : without) {
      if (rules.empty()) break;
      complain(fmt::format(
          "prices: none is known for instance type {} ({} alive), so that {} can't "
          "count its cost; set it under 'prices'",
          type, jobs == 1 ? "1 job" : fmt::format("{} jobs", jobs), fmt::join(rules, ", ")));
    }
  }

  asio::awaitable<void> ask_projects() {
    const auto reply = co_await api_.projects();
    if (reply.value.has_error()) {
      fail("projects", reply.value.error());
      co_return;
    }
    say(fmt::format("projects: {} visible", reply.value->size()));
  }

  void judge_clock(const baseten::Timing& timing) {
    if (!timing.date) {
      say("clock: not compared, the reply has no date");
      return;
    }
    const Duration ahead = timing.sent - (*timing.date + kDateStep);
    const Duration behind = *timing.date - timing.received;
    const Duration apart = std::max({ahead, behind, Duration{0}});
    if (apart <= kMostSkew) {
      say("clock: agrees with the API's");
    } else {
      complain(fmt::format("clock: {} {} the API's; set this machine's clock",
                           format_duration(apart), ahead > behind ? "ahead of" : "behind"));
    }
  }

  void say(const std::string& words) const { tell_({account_, false, words}); }
  void complain(const std::string& words) {
    tell_({account_, true, words});
    good_ = false;
  }
  void fail(std::string_view what, const Failure& failure) {
    complain(fmt::format("{}: {}", what, failure.message));
  }

  const policy::Config& config_;
  std::string account_;
  baseten::Api& api_;
  const Tell& tell_;
  std::set<std::string> priced_;  ///< instance types and shapes
  bool good_ = true;
};

/// Asks one account; its calls are bounded by poll.timeout each.
bool ask(const policy::Config& config, const policy::Account& account, const std::string& key,
         const Tell& tell) {
  asio::io_context context(1);
  const service::BootClock clock;
  service::Surroundings surroundings;
  surroundings.executor = context.get_executor();
  surroundings.resolver = net::make_resolver(context.get_executor());
  surroundings.now = [&clock] { return clock.now(); };
  surroundings.translate = [](JobSnapshot&, Instant) {};
  auto api = service::connect(config, account, key, std::move(surroundings));
  if (api.has_error()) {
    tell({"", true, api.error().message});
    return false;
  }
  Questions questions(config, account.name, **api, tell);
  bool done = false;
  asio::co_spawn(context, questions.ask_all(), [&](std::exception_ptr bug) {
    if (bug) std::rethrow_exception(bug);
    done = true;
  });
  while (!done && context.run_one() != 0) {
  }
  return questions.good();
}

/// A line each; what is about an account begins with its name.
void print_finding(const Finding& finding) {
  const std::string whose = finding.account.empty() ? "" : finding.account + ": ";
  if (finding.wrong) {
    fmt::print(stderr, "{}error: {}\n", whose, finding.message);
  } else {
    fmt::print("{}{}\n", whose, finding.message);
  }
}

}  // namespace

int check_online(const policy::Config& config) {
  return check_online(config, print_finding);
}

int check_online(const policy::Config& config, const Tell& tell) {
  const auto keys = service::take_api_keys(config.accounts);
  if (keys.has_error()) {
    tell({"", true, keys.error().message});
    return kConfiguration;
  }
  bool good = true;
  for (std::size_t i = 0; i < config.accounts.size(); ++i) {
    good = ask(config, config.accounts[i], keys.value()[i], tell) && good;
  }
  return good ? kDone : kFailed;
}

}  // namespace trainstop::cli
