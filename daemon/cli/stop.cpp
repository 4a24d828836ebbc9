// `trainstop stop`: stops a job by hand and waits until it has ended.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/hand.hpp"
#include "cli/offline.hpp"
#include "cli/text.hpp"
#include "core/life.hpp"
#include "model/job.hpp"
#include "service/boot_clock.hpp"

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

/// Behind the account, the project, or the address of a page.
std::string_view id_in(std::string_view job) {
  while (job.ends_with('/')) job.remove_suffix(1);
  return job.substr(job.rfind('/') + 1);
}

/// The same job even when its name is given to another one meanwhile.
std::string name_seen(const json::value& seen, const std::string& asked_for) {
  const std::string account = text_of(seen, "account"), id = text_of(seen, "job");
  return account.empty() || id.empty() ? asked_for : account + "/" + id;
}

/// As a POSIX shell reads it back; what could act on a terminal is escaped all the same.
std::string shell_word(std::string_view text) {
  if (is_api_id(text)) return std::string(text);
  std::string word = "'";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("'\"\\"), text.size());
    word += plain(text.substr(0, end));
    if (end == text.size()) break;
    word += text[end] == '\'' ? "'\\''" : std::string(1, text[end]);
    text.remove_prefix(end + 1);
  }
  return word + "'";
}

void print_platform_command(std::string_view id) {
  fmt::print(stderr, "To stop it without trainstop: truss train stop --job-id {}\n",
             shell_word(id));
}

/// Without the daemon there is still the platform, which knows no names.
void point_to_platform(const StopOptions& options) {
  const std::string_view job = options.job;
  const auto known = find_offline({options.hand.socket, {}}, service::BootClock::wall());
  const auto keys = known ? known->core.find(job) : std::vector<std::string>();
  if (keys.size() == 1) return print_platform_command(id_in(keys.front()));
  if (keys.size() > 1) {
    fmt::print(stderr, "'{}' may be any of these:\n", plain(job));
    for (const std::string& key : keys) fmt::print(stderr, "  {}\n", plain(key));
    fmt::print(stderr, "To stop one without trainstop: truss train stop --job-id ID\n");
    return;
  }
  // Of an account or a page's URL the id is the last part; of a name it is none.
  print_platform_command(is_api_id(id_in(job)) ? id_in(job) : job);
  fmt::print(stderr, "There it must be the job's id, not its name: no journal knows the job\n");
}

int not_answered(const Asked& asked, const StopOptions& options) {
  const int code = failed(asked);
  if (code == kUnreachable) point_to_platform(options);
  return code;
}

int not_stopped(const Asked& asked, const std::string& job) {
  const int code = failed(asked);
  if (code == kUnreachable) print_platform_command(id_in(job));
  return code;
}

bool has_ended(const json::value& seen) {
  const json::object* const object = seen.if_object();
  const json::value* const live = object == nullptr ? nullptr : object->if_contains("live");
  return live != nullptr && live->is_bool() && !live->as_bool();
}

/// The job at its end; or, where the daemon did not answer for too long, why.
Asked wait_for_end(const StopOptions& options, const std::string& job) {
  int failures = 0;
  while (true) {
    Asked seen = call(options.hand.socket, "GET", target_of(job), {}, kLongestLook);
    if (seen.worked() && has_ended(seen.body)) return seen;
    failures = seen.worked() ? 0 : failures + 1;
    if (failures > kMostFailedLooks) return seen;
    std::this_thread::sleep_for(kLookEvery);
  }
}

/// What became of the stop, and of the job, beside what the daemon said to it.
void add_outcome(json::value& answer, const json::value& ended) {
  json::object* const members = answer.if_object();
  const json::object* const job = ended.if_object();
  if (members == nullptr || job == nullptr) return;
  const bool was_seen = text_of(ended, "phase") == "ended";
  const bool was_stopped = core::was_stopped(text_of(ended, "status"));
  (*members)["outcome"] = !was_seen ? "lost" : was_stopped ? "confirmed" : "ended";
  for (const char* key : {"status", "ended_at", "upshot"}) {
    if (const json::value* value = job->if_contains(key)) (*members)[key] = *value;
  }
}

int stop(const StopOptions& options) {
  const bool in_words = !options.hand.json;
  const Asked seen = call(options.hand.socket, "GET", target_of(options.job));
  if (!seen.worked()) return not_answered(seen, options);
  show_first(options.hand, [&] { fmt::print("{}\n", text_of(seen.body, "upshot")); });
  const std::string job = name_seen(seen.body, options.job);
  const std::string question = fmt::format("Stop job {} now?", plain(job));
  if (const auto code = disagreed(options.hand, question, Unasked::needs_yes)) return *code;
  json::object body{{"job", job}, {"force", options.force}, {"reason", options.hand.reason}};
  Asked answer = call(options.hand.socket, "POST", "/v1/stop", std::move(body));
  if (!answer.worked()) return not_stopped(answer, job);
  if (in_words) fmt::print("{}\n", text_of(answer.body, "message"));
  std::fflush(stdout);
  Asked ended;
  if (!options.no_wait) ended = wait_for_end(options, job);
  if (ended.worked()) add_outcome(answer.body, ended.body);
  if (!in_words) fmt::print("{}\n", json::serialize(answer.body));
  if (in_words && ended.worked()) fmt::print("{}\n", text_of(ended.body, "upshot"));
  return options.no_wait || ended.worked() ? kDone : failed(ended);
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
