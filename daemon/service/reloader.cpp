#include "service/reloader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "journal/reader.hpp"
#include "service/onlooker.hpp"

namespace trainstop::service {

namespace asio = boost::asio;
using Outcome = core::Answer::Outcome;

namespace {

core::Answer refused(std::string why) {
  return {0, Outcome::refused, std::move(why), {}};
}

/// The parts of a changed configuration that only the next start takes.
std::vector<std::string> waits_for_restart(const policy::Config& from, const policy::Config& to) {
  std::vector<std::string> keys;
  const auto differs = [&](const char* key, bool is_so) {
    if (is_so) keys.emplace_back(key);
  };
  differs("poll.timeout", from.poll.timeout != to.poll.timeout);
  differs("poll.connections", from.poll.connections != to.poll.connections);
  differs("poll.rate_limit", from.poll.rate_limit != to.poll.rate_limit);
  differs("stop.concurrency", from.stop.concurrency != to.stop.concurrency);
  differs("journal", from.journal.keep != to.journal.keep);
  differs("control", from.control.socket != to.control.socket ||
                         from.control.group != to.control.group ||
                         from.control.mode != to.control.mode);
  differs("log", from.log.level != to.log.level || from.log.format != to.log.format ||
                     from.log.file != to.log.file);
  return keys;
}

bool has_new_budget(const policy::Config& from, const policy::Config& to) {
  return std::ranges::any_of(to.rules, [&](const policy::Rule& rule) {
    return policy::budget_of(rule.when) != nullptr &&
           std::ranges::none_of(from.rules, [&](const policy::Rule& before) {
             return before.name == rule.name && before.hash == rule.hash;
           });
  });
}

/// Of jobs that are not kept any more; empty when the journal can't be read.
std::vector<Image> read_bills(const std::filesystem::path& directory) {
  std::vector<Image> bills;
  auto reader = journal::open_reader(directory);
  if (!reader) return bills;
  auto present = (*reader)->present();
  if (!present) return bills;
  for (Image& image : present->images) {
    if (image.kind == Image::Kind::bill) bills.push_back(std::move(image));
  }
  return bills;
}

std::vector<std::string> warnings_of(const policy::ReadResult& read) {
  std::vector<std::string> warnings;
  for (const policy::Problem& problem : read.problems) warnings.push_back(format(problem));
  return warnings;
}

}  // namespace

Reloader::Reloader(asio::any_io_executor executor, Parts parts)
    : executor_(std::move(executor)), parts_(std::move(parts)) {}

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
  if (busy_) return answered(refused("another reload is under way: try again"));
  busy_ = !request.dry_run;
  const auto how = [file = parts_.file] { return policy::read_config_file(file); };
  read(how, [this, request, user, answered = std::move(answered)](policy::ReadResult result) {
    if (!request.dry_run) return take(std::move(result), user, answered);
    if (!result.config) return answered(rejected(result));
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
    auto seen =
        std::make_shared<Result<Value::Object>>(foresee(from, config, parts_.directory, now));
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
    busy_ = false;
    if (answer.outcome != Outcome::done) tell_rejected(answer);
    answered(std::move(answer));
  };
  if (!result.config) return end(rejected(result));
  auto warnings = warnings_of(result);
  const bool counts = has_new_budget(parts_.config(), *result.config);
  const auto config = std::make_shared<const policy::Config>(std::move(*result.config));
  if (!counts) return pass(config, {}, std::move(warnings), user, end);
  asio::post(thread_, [this, config, user, warnings = std::move(warnings), end] {
    auto bills = std::make_shared<std::vector<Image>>(read_bills(parts_.directory));
    asio::post(executor_, [this, config, bills, user, warnings, end] {
      if (!closed_) pass(config, std::move(*bills), warnings, user, end);
    });
  });
}

void Reloader::pass(std::shared_ptr<const policy::Config> config, std::vector<Image> bills,
                    std::vector<std::string> warnings, const std::string& user,
                    Desk::Answered answered) {
  if (const auto prepared = parts_.prepare(*config); prepared.has_error())
    return answered(refused(prepared.error().message + ": nothing has changed"));
  const auto waits = waits_for_restart(parts_.config(), *config);
  core::Reload fact;
  fact.user = user;
  fact.config = config;
  fact.bills = std::move(bills);
  fact.token = parts_.expect([this, config, waits, warnings = std::move(warnings),
                              answered = std::move(answered)](core::Answer answer) {
    if (answer.outcome == Outcome::done) {
      for (const std::string& key : waits)
        answer.message += fmt::format("; {} takes effect at the next start", key);
      parts_.loaded(config, warnings);
    }
    answered(std::move(answer));
  });
  parts_.post(std::move(fact));
}

}  // namespace trainstop::service
