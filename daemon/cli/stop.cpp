// `trainstop stop`: stops a job by hand and waits until it has ended.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/hand.hpp"
#include "cli/text.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr auto kLookEvery = std::chrono::seconds(1);
// A daemon that is started again meanwhile is waited for so many looks.
constexpr int kMostFailedLooks = 60;
constexpr Duration kLongestLook = std::chrono::seconds(5);

struct StopOptions {
  Hand hand;
  std::string job;
  bool force = false;
  bool no_wait = false;
};

std::string target_of(std::string_view job) {
  return "/v1/jobs/" + encoded(job);
}

/// The same job even when its name is given to another one meanwhile.
std::string name_seen(const json::value& seen, const std::string& asked_for) {
  const std::string account = text_of(seen, "account"), id = text_of(seen, "job");
  return account.empty() || id.empty() ? asked_for : account + "/" + id;
}

/// Without the daemon there is still the platform.
int not_stopped(const Asked& asked, const std::string& job) {
  const int code = failed(asked);
  if (code != kUnreachable) return code;
  fmt::print(stderr, "To stop it without trainstop: truss train stop --job-id {}\n",
             plain(std::string_view(job).substr(job.rfind('/') + 1)));
  return code;
}

bool has_ended(const json::value& seen) {
  const json::object* const object = seen.if_object();
  const json::value* const live = object == nullptr ? nullptr : object->if_contains("live");
  return live != nullptr && live->is_bool() && !live->as_bool();
}

int wait_for_end(const StopOptions& options, const std::string& job) {
  int failures = 0;
  while (true) {
    const Asked seen = call(options.hand.socket, "GET", target_of(job), {}, kLongestLook);
    if (seen.worked() && has_ended(seen.body)) {
      if (!options.hand.json) fmt::print("{}\n", text_of(seen.body, "upshot"));
      return kDone;
    }
    failures = seen.worked() ? 0 : failures + 1;
    if (failures > kMostFailedLooks) return failed(seen);
    std::this_thread::sleep_for(kLookEvery);
  }
}

int stop(const StopOptions& options) {
  const Asked seen = call(options.hand.socket, "GET", target_of(options.job));
  if (!seen.worked()) return not_stopped(seen, options.job);
  if (!options.hand.json) fmt::print("{}\n", text_of(seen.body, "upshot"));
  const std::string job = name_seen(seen.body, options.job);
  if (const auto code = disagreed(options.hand, fmt::format("Stop job {} now?", plain(job))))
    return *code;
  json::object body{{"job", job}, {"force", options.force}, {"reason", options.hand.reason}};
  const Asked answer = call(options.hand.socket, "POST", "/v1/stop", std::move(body));
  if (!answer.worked()) return not_stopped(answer, job);
  fmt::print("{}\n",
             options.hand.json ? json::serialize(answer.body) : text_of(answer.body, "message"));
  std::fflush(stdout);
  return options.no_wait ? kDone : wait_for_end(options, job);
}

}  // namespace

void add_stop(CLI::App& app, Work& work) {
  const auto options = std::make_shared<StopOptions>();
  CLI::App* command = app.add_subcommand("stop", "Stops a job and waits until it has ended");
  command->add_option("job", options->job, "Id, ACCOUNT/ID, page URL or name")->required();
  command->add_flag("--force", options->force, "Also when the job is exempt");
  command->add_flag("--no-wait", options->no_wait, "Does not wait for the end");
  add_yes(*command, options->hand);
  add_hand(*command, options->hand);
  command->callback([options, &work] { work = [options] { return stop(*options); }; });
}

}  // namespace trainstop::cli
