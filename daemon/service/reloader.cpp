#include "service/reloader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "journal/reader.hpp"
#include "policy/rule_changes.hpp"
#include "service/onlooker.hpp"

namespace trainstop::service {

namespace asio = boost::asio;
using Outcome = core::Answer::Outcome;

namespace {

core::Answer refused(std::string why) {
  return {0, Outcome::refused, std::move(why), {}};
}

/// What only a start takes stays as it is; gives the keys of what so waits. That the accounts are
/// the same ones is the core's to say.
std::set<std::string> keep_for_restart(const policy::Config& from, policy::Config& to) {
  std::set<std::string> waiting;
  const auto keep = [&](const char* key, const auto& before, auto& now) {
    if (before == now) return;
    waiting.insert(key);
    now = before;
  };
  for (std::size_t i = 0; i < std::min(from.accounts.size(), to.accounts.size()); ++i) {
    const policy::Account& before = from.accounts[i];
    policy::Account& now = to.accounts[i];
    keep("accounts", before.api_key.from, now.api_key.from);
    keep("accounts", before.api_key.name, now.api_key.name);
    keep("accounts", before.auth_scheme, now.auth_scheme);
    keep("accounts", before.ca_file, now.ca_file);
  }
  keep("billing", from.billing_from, to.billing_from);
  to.state_dir = from.state_dir;  // the environment may have said it
  keep("poll.timeout", from.poll.timeout, to.poll.timeout);
  keep("poll.connections", from.poll.connections, to.poll.connections);
  keep("poll.rate_limit", from.poll.rate_limit, to.poll.rate_limit);
  keep("stop.concurrency", from.stop.concurrency, to.stop.concurrency);
  keep("journal", from.journal.keep, to.journal.keep);
  keep("journal", from.journal.keep_samples, to.journal.keep_samples);
  keep("control", from.control.socket, to.control.socket);
  keep("control", from.control.group, to.control.group);
  keep("control", from.control.mode, to.control.mode);
  keep("log", from.log.level, to.log.level);
  keep("log", from.log.format, to.log.format);
  keep("log", from.log.file, to.log.file);
  return waiting;
}

bool has_new_budget(const policy::Config& from, const policy::Config& to) {
  const policy::RuleChanges changes = policy::rule_changes(from, to);
  return std::ranges::any_of(to.rules, [&](const policy::Rule& rule) {
    return policy::budget_of(rule.when) != nullptr && changes.is_new(rule.name);
  });
}

/// Of jobs that are not kept any more.
Result<Reloader::Bills> read_bills(const std::filesystem::path& directory) {
  auto reader = journal::open_reader(directory);
  if (!reader) return unreadable(reader.error());
  auto present = (*reader)->present();
  if (!present) return unreadable(present.error());
  std::erase_if(present->images,
                [](const Image& image) { return image.kind != Image::Kind::bill; });
  return Reloader::Bills(std::make_shared<const std::vector<Image>>(std::move(present->images)));
}

/// A bug in a trial is no reason to end the daemon.
Result<Value::Object> attempt(const std::function<Result<Value::Object>()>& trial) {
  try {
    return trial();
  } catch (const std::exception& bug) {
    return Failure{FailureKind::transport, std::string("internal error: ") + bug.what(), 0, {}};
  }
}

std::vector<std::string> warnings_of(const policy::ReadResult& read) {
  std::vector<std::string> warnings;
  for (const policy::Problem& problem : read.problems) warnings.push_back(format(problem));
  return warnings;
}

}  // namespace

Reloader::Reloader(asio::any_io_executor executor, Parts parts)
    : executor_(std::move(executor)), parts_(std::move(parts)) {}

void Reloader::set_busy(bool busy) {
  if (std::exchange(busy_, busy) != busy) parts_.busy(busy);
}

void Reloader::close() {
  closed_ = true;
  thread_.stop();
}

/// Reads in the thread, and goes on in the loop.
void Reloader::read(Read how, std::function<void(policy::ReadResult)> then) {
  asio::post(thread_, [this, how = std::move(how), then = std::move(then)] {
    auto result = std::make_shared<policy::ReadResult>(how());
    asio::post(executor_, [this, result, then] {
      if (closed_) return;
      if (result->config && parts_.observe) result->config->mode = policy::Mode::observe;
      then(std::move(*result));
    });
  });
}

core::Answer Reloader::rejected(const policy::ReadResult& read) const {
  core::Answer answer = refused("the configuration can't be used: nothing has changed");
  Value::Array problems;
  for (const policy::Problem& problem : read.problems) problems.emplace_back(format(problem));
  answer.fields.emplace_back("problems", std::move(problems));
  return answer;
}

void Reloader::tell_rejected(const core::Answer& why) {
  Event event;
  event.name = "config.rejected";
  event.level = Level::error;
  event.at = parts_.utc_now();
  event.message = why.message + "; the rules that were in force still are";
  event.fields = why.fields;
  event.with("file", parts_.file.string());
  parts_.tell(std::move(event));
}

void Reloader::reload(ReloadRequest request, const std::string& user, Desk::Answered answered) {
  if (busy_) {
    core::Answer answer = refused("another reload is under way: try again");
    if (!request.dry_run) tell_rejected(answer);
    return answered(std::move(answer));
  }
  set_busy(!request.dry_run);
  const auto how = [file = parts_.file] { return policy::read_config_file(file); };
  read(how, [this, request, user, answered = std::move(answered)](policy::ReadResult result) {
    if (!request.dry_run) return take(std::move(result), user, answered);
    if (!result.config) return answered(rejected(result));
    if (!policy::same_accounts(parts_.config(), *result.config))
      return answered(refused(std::string(policy::kOtherAccounts)));
    look_ahead(std::move(*result.config), answered);
  });
}

void Reloader::check(CheckRequest request, Desk::Answered answered) {
  const auto how = [request = std::move(request), file = parts_.file] {
    return request.main ? policy::read_config(*request.main, request.rules)
                        : policy::read_config_file(file);
  };
  read(how, [this, answered = std::move(answered)](policy::ReadResult result) {
    if (!result.config) return answered(rejected(result));
    look_ahead(std::move(*result.config), answered);
  });
}

void Reloader::look_ahead(policy::Config config, Desk::Answered answered) {
  if (!parts_.journal_is_whole())
    return answered(refused("the journal is degraded: what rules would do can't be foreseen"));
  const policy::Config from = parts_.config();
  config.accounts = from.accounts;
  asio::post(thread_, [this, from, config = std::move(config), now = parts_.utc_now(),
                       answered = std::move(answered)] {
    const auto seen = std::make_shared<Result<Value::Object>>(
        attempt([&] { return foresee(from, config, parts_.directory, now); }));
    asio::post(executor_, [this, seen, answered] {
      if (closed_) return;
      if (seen->has_error()) return answered(refused(seen->error().message));
      core::Answer answer;
      answer.fields = std::move(*seen).value();
      // The desk puts the message before the fields.
      answer.message = std::get<std::string>(answer.fields.front().second.data);
      answer.fields.erase(answer.fields.begin());
      answered(std::move(answer));
    });
  });
}

void Reloader::take(policy::ReadResult result, const std::string& user, Desk::Answered answered) {
  const auto end = [this, answered](core::Answer answer) {
    set_busy(false);
    if (answer.outcome != Outcome::done) tell_rejected(answer);
    answered(std::move(answer));
  };
  if (!result.config) return end(rejected(result));
  Taken taken;
  taken.waiting = keep_for_restart(parts_.config(), *result.config);
  taken.warnings = warnings_of(result);
  taken.user = user;
  const bool counts = has_new_budget(parts_.config(), *result.config);
  taken.config = std::make_shared<const policy::Config>(std::move(*result.config));
  if (!counts) return pass(std::move(taken), {}, end);
  asio::post(thread_, [this, taken = std::move(taken), end] {
    const auto bills = std::make_shared<const Result<Bills>>(read_bills(parts_.directory));
    asio::post(executor_, [this, taken, bills, end] {
      if (closed_) return;
      if (bills->has_error()) {
        return end(refused("what a new budget has spent already can't be known: " +
                           bills->error().message));
      }
      pass(taken, bills->value(), end);
    });
  });
}

void Reloader::pass(Taken taken, Bills bills, Desk::Answered answered) {
  if (const auto prepared = parts_.prepare(*taken.config); prepared.has_error())
    return answered(refused(prepared.error().message + ": nothing has changed"));
  core::Reload fact;
  fact.user = taken.user;
  fact.config = taken.config;
  fact.bills = std::move(bills);
  fact.token = parts_.expect(
      [this, taken = std::move(taken), answered = std::move(answered)](core::Answer answer) {
        if (answer.outcome == Outcome::done) {
          for (const std::string& key : taken.waiting)
            answer.message += fmt::format("; {}: from the next start on", key);
          parts_.loaded(taken.config, taken.warnings);
        } else {
          // What is in force has been ready once, and can be so again.
          static_cast<void>(parts_.prepare(parts_.config()));
        }
        answered(std::move(answer));
      });
  parts_.post(std::move(fact));
}

}  // namespace trainstop::service
