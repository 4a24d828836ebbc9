#include "service/bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "service/body.hpp"

namespace trainstop::service {

namespace {

using baseten::JsonValue;
using core::Command;
using Kind = JsonValue::Kind;

constexpr std::size_t kMostShown = 10'000;  // stops that a reset names
constexpr std::size_t kMostFiles = 1001;    // FILE and rules.d
constexpr std::size_t kMostJobs = 1'000;    // more would hold the loop too long
constexpr Duration kLongestView = std::chrono::hours(24 * 365);

using What = decltype(Command::what);

What read_stop(Body& body) {
  Command::StopJob stop;
  stop.job = body.text("job");
  stop.force = body.flag("force");
  return stop;
}

What read_exempt(Body& body) {
  Command::Exempt exempt;
  exempt.job = body.text("job");
  exempt.rule = body.optional_text("rule");
  exempt.lasts = body.duration("for_s");
  return exempt;
}

What read_extend(Body& body) {
  Command::Extend extend;
  extend.job = body.text("job");
  extend.rule = body.optional_text("rule");
  extend.by = body.duration("by_s");
  extend.lasts = body.optional_duration("for_s").value_or(kLongestOverride);
  return extend;
}

What read_pause(Body& body) {
  Command::Pause pause;
  pause.rule = body.optional_text("rule");
  pause.lasts = body.duration("for_s");
  return pause;
}

What read_resume(Body& body) {
  Command::Resume resume;
  resume.rule = body.optional_text("rule");
  return resume;
}

What read_revoke(Body& body) {
  Command::Revoke revoke;
  revoke.id = body.text("id");
  return revoke;
}

What read_raise(Body& body) {
  Command::Raise raise;
  raise.rule = body.text("rule");
  raise.group = body.optional_text("group");
  raise.by = body.money("by");
  raise.lasts = body.optional_duration("for_s").value_or(kLongestOverride);
  return raise;
}

What read_reset(Body& body) {
  Command::ResetBreaker reset;
  for (const JsonValue& id : body.list("shown", kMostShown)) {
    if (id.kind != Kind::string) body.wrong("'shown': expected the ids of stops");
    reset.shown.push_back(id.text);
  }
  return reset;
}

struct Path {
  std::string_view path;
  What (*read)(Body&);
};
constexpr std::array<Path, 8> kCommands{{{"/v1/stop", read_stop},
                                         {"/v1/exempt", read_exempt},
                                         {"/v1/extend", read_extend},
                                         {"/v1/pause", read_pause},
                                         {"/v1/resume", read_resume},
                                         {"/v1/revoke", read_revoke},
                                         {"/v1/budgets/raise", read_raise},
                                         {"/v1/breaker/reset", read_reset}}};

const Path* find_command(std::string_view path) {
  const auto* const found = std::find_if(kCommands.begin(), kCommands.end(),
                                         [&](const Path& each) { return each.path == path; });
  return found == kCommands.end() ? nullptr : found;
}

}  // namespace

bool is_command(std::string_view path) {
  return find_command(path) != nullptr;
}

std::optional<Command> read_command(std::string_view path, std::string_view text,
                                    std::string& error) {
  const Path* const known = find_command(path);
  if (known == nullptr) return {};
  Body body(text, error);
  Command command{0, {}, {}, known->read(body)};
  command.reason = body.reason();
  if (!body.done()) return {};
  return command;
}

std::string* job_of(Command& command) {
  return std::visit(
      [](auto& what) -> std::string* {
        if constexpr (requires { what.job; }) return &what.job;
        return nullptr;
      },
      command.what);
}

std::optional<ReloadRequest> read_reload(std::string_view text, std::string& error) {
  Body body(text, error);
  ReloadRequest request;
  request.dry_run = body.flag("dry_run");
  if (!body.done()) return {};
  return request;
}

std::optional<CheckRequest> read_check(std::string_view text, std::string& error) {
  Body body(text, error);
  CheckRequest request;
  if (body.has("files")) {
    for (const JsonValue& each : body.list("files", kMostFiles)) {
      Body file(each, "files", error);
      policy::SourceText source;
      source.name = file.text("name");
      source.text = file.content("text");
      file.done();
      if (request.main) {
        request.rules.push_back(std::move(source));
      } else {
        request.main = std::move(source);
      }
    }
    if (!request.main) body.wrong("'files': expected the configuration file first");
  }
  if (!body.done()) return {};
  return request;
}

std::optional<NotifyRequest> read_notify(std::string_view text, std::string& error) {
  Body body(text, error);
  NotifyRequest request;
  request.sink = body.optional_text("sink");
  if (!body.done()) return {};
  return request;
}

std::optional<StatusRequest> read_status(
    const std::vector<std::pair<std::string, std::string>>& query, std::string& error) {
  StatusRequest request;
  for (const auto& [key, value] : query) {
    if (key == "jobs") {
      const auto* const end = value.data() + value.size();
      const auto [read, failed] = std::from_chars(value.data(), end, request.jobs);
      if (failed == std::errc{} && read == end && request.jobs <= kMostJobs) continue;
      error = fmt::format("'jobs': expected a number of at most {}", kMostJobs);
    } else if (key == "within") {
      request.within = parse_seconds(value, kLongestView);
      if (request.within) continue;
      error = "'within': expected seconds, above 0 and at most a year";
    } else {
      error = fmt::format("unknown parameter '{}'", key);
    }
    return {};
  }
  return request;
}

}  // namespace trainstop::service
