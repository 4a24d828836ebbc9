#include "cli/hand.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <iostream>
#include <utility>

#include "cli/output.hpp"
#include "cli/text.hpp"
#include "policy/values.hpp"
#include "service/body.hpp"

namespace trainstop::cli {

namespace json = boost::json;

namespace {

std::string check_span(const std::string& text) {
  std::string error;
  const auto duration = policy::parse_duration(text, error);
  if (!duration) return error;
  if (*duration <= Duration{0}) return "expected more than no time";
  return *duration <= service::kLongestOverride ? "" : "expected at most 7 days";
}

std::string check_reason(const std::string& text) {
  if (service::is_reason(text)) return "";
  return fmt::format("expected why, in 1 to {} characters", service::kLongestReason);
}

/// The sentence, and what an override bears beside it.
void print_answer(const json::value& answer) {
  fmt::print("{}\n", text_of(answer, "message"));
  const std::string id = text_of(answer, "id");
  const std::string until = text_of(answer, "until");
  if (!id.empty()) {
    fmt::print("Override {}{}; to end it: trainstop revoke {} --reason '…'\n", id,
               until.empty() ? "" : " until " + until, id);
  }
  const std::string due = text_of(answer, "due_at");
  const std::string rule = text_of(answer, "rule");
  if (!due.empty()) fmt::print("Next due: {}{}\n", due, rule.empty() ? "" : " by rule " + rule);
}

}  // namespace

void add_json(CLI::App& command, Hand& hand) {
  command.add_flag("--json", hand.json, "The daemon's answer as one JSON object");
}

void add_reach(CLI::App& command, Hand& hand) {
  add_socket(command, hand.socket);
  add_json(command, hand);
}

void add_reason(CLI::App& command, Hand& hand) {
  command.add_option("--reason", hand.reason, "Why, for the journal")
      ->required()
      ->check(check_reason)
      ->type_name("TEXT");
}

void add_hand(CLI::App& command, Hand& hand) {
  add_reason(command, hand);
  add_reach(command, hand);
}

void add_yes(CLI::App& command, Hand& hand) {
  command.add_flag("--yes", hand.yes, "Does not ask");
}

std::optional<Duration> Span::duration() const {
  std::string ignored;
  return text.empty() ? std::optional<Duration>() : policy::parse_duration(text, ignored);
}

void add_span(CLI::App& command, const char* option, Span& span, const char* description,
              bool required) {
  command.add_option(option, span.text, description)
      ->required(required)
      ->check(check_span)
      ->type_name("DURATION");
}

json::value seconds(Duration duration) {
  constexpr std::int64_t kMicroseconds = 1'000'000;
  if (duration.count() % kMicroseconds == 0) return duration.count() / kMicroseconds;
  return static_cast<double>(duration.count()) / static_cast<double>(kMicroseconds);
}

bool is_asked(const Hand& hand) {
  return !hand.yes && ::isatty(STDIN_FILENO) != 0;
}

void show_first(const Hand& hand, const std::function<void()>& show) {
  if (!hand.json) return show();
  if (!is_asked(hand)) return;
  const OnStderr redirected;
  show();
}

std::optional<int> disagreed(const Hand& hand, const std::string& question, Unasked unasked) {
  if (hand.yes) return {};
  if (!is_asked(hand)) {
    if (unasked == Unasked::goes_on) return {};
    fmt::print(stderr, "nobody is there to be asked: look at what it does, then say --yes\n");
    return kWrongUsage;
  }
  std::fflush(stdout);
  // On stderr: what is printed may go elsewhere.
  fmt::print(stderr, "{} [y/N] ", question);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  fmt::print(stderr, "Nothing was changed.\n");
  return kFailed;
}

std::variant<json::value, int> tell(const Hand& hand, const std::string& target,
                                    json::object body) {
  auto answer = ask(hand.socket, "POST", target, std::move(body));
  if (const auto* const reply = std::get_if<json::value>(&answer)) {
    if (hand.json) {
      fmt::print("{}\n", json::serialize(*reply));
    } else {
      print_answer(*reply);
    }
  }
  return answer;
}

int command(const Hand& hand, const std::string& target, json::object body) {
  body["reason"] = hand.reason;
  const auto answer = tell(hand, target, std::move(body));
  const int* const code = std::get_if<int>(&answer);
  return code == nullptr ? kDone : *code;
}

void say(const Hand& hand, const std::string& message) {
  fmt::print("{}\n", hand.json ? json::serialize(json::object{{"message", message}}) : message);
}

const json::array& list_of(const json::value& answer, std::string_view key) {
  static const json::array kNone;
  const json::object* const members = answer.if_object();
  const json::value* const found = members == nullptr ? nullptr : members->if_contains(key);
  const json::array* const list = found == nullptr ? nullptr : found->if_array();
  return list == nullptr ? kNone : *list;
}

std::string words_of_stop(const json::value& job) {
  const std::string account = text_of(job, "account"), name = text_of(job, "job_name");
  const std::string due = text_of(job, "due_at");
  return fmt::format("{}{}{}, rule {}{}", account.empty() ? "" : account + "/", text_of(job, "job"),
                     name.empty() ? "" : " (" + name + ")", text_of(job, "rule"),
                     due.empty() ? "" : ", due " + due);
}

std::string text_of(const json::value& answer, std::string_view key) {
  const json::object* const object = answer.if_object();
  const json::value* const found = object == nullptr ? nullptr : object->if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return plain(std::string_view(found->as_string()));
}

}  // namespace trainstop::cli
