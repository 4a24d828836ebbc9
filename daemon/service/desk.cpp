#include "service/desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "log/json.hpp"

namespace trainstop::service {

using control::Reply;
using control::Request;
using control::Respond;

namespace {

constexpr unsigned kDone = 200;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kNotFound = 404;
constexpr unsigned kNoSuchMethod = 405;
constexpr unsigned kConflict = 409;
constexpr unsigned kNotAvailable = 501;
constexpr unsigned kUnavailable = 503;

constexpr std::string_view kStatus = "/v1/status";
constexpr std::string_view kJobs = "/v1/jobs/";
constexpr std::string_view kReload = "/v1/reload";
constexpr std::string_view kCheck = "/v1/check";
constexpr std::string_view kNotify = "/v1/notify/test";

struct View {
  std::string_view path;
  Value::Object (core::Core::*ask)() const;
};
constexpr std::array<View, 4> kViews{{{"/v1/rules", &core::Core::rules},
                                      {"/v1/budgets", &core::Core::budgets},
                                      {"/v1/overrides", &core::Core::overrides},
                                      {"/v1/breaker", &core::Core::breaker}}};

const View* find_view(std::string_view path) {
  const auto* const found = std::find_if(kViews.begin(), kViews.end(),
                                         [&](const View& each) { return each.path == path; });
  return found == kViews.end() ? nullptr : found;
}

bool is_question(std::string_view path) {
  return path == kStatus || (path.starts_with(kJobs) && path != kJobs) ||
         find_view(path) != nullptr;
}

bool is_act(std::string_view path) {
  return path == kReload || path == kCheck || path == kNotify || is_command(path);
}

Reply reply_of(unsigned status, Value::Object fields) {
  Reply reply;
  reply.status = status;
  reply.body = [value = Value(std::move(fields))] {
    std::string text;
    log::append_json(text, value);
    return text;
  };
  return reply;
}

Reply error_of(unsigned status, const char* code, std::string message, Value::Object more = {}) {
  Value::Object error{{"code", code}, {"message", std::move(message)}};
  std::move(more.begin(), more.end(), std::back_inserter(error));
  return reply_of(status, Value::Object{{"error", std::move(error)}});
}

Reply bad_request(std::string message) {
  return error_of(kBadRequest, "bad_request", std::move(message));
}

Reply reply_of(core::Answer answer) {
  using Outcome = core::Answer::Outcome;
  if (answer.outcome == Outcome::refused)
    return error_of(kConflict, "refused", std::move(answer.message), std::move(answer.fields));
  if (answer.outcome == Outcome::no_such)
    return error_of(kNotFound, "no_such", std::move(answer.message), std::move(answer.fields));
  Value::Object fields{{"message", std::move(answer.message)}};
  std::move(answer.fields.begin(), answer.fields.end(), std::back_inserter(fields));
  return reply_of(kDone, std::move(fields));
}

Desk::Answered pass_to(Respond respond) {
  return
      [respond = std::move(respond)](core::Answer answer) { respond(reply_of(std::move(answer))); };
}

/// `account/project id/job id` as a person may write it.
std::string name_of(const std::string& key) {
  const auto first = key.find('/');
  const auto last = key.rfind('/');
  return first == last ? key : key.substr(0, first) + key.substr(last);
}

/// The key of the one job that is meant, or the reply that says why there is none.
std::variant<std::string, Reply> find_job(const core::Core& core, const std::string& job) {
  const std::vector<std::string> keys = core.find(job);
  if (keys.size() == 1) return keys.front();
  if (keys.empty())
    return error_of(kNotFound, "no_such_job", fmt::format("no job is known by '{}'", job));
  Value::Array candidates;
  for (const std::string& key : keys) candidates.emplace_back(name_of(key));
  return error_of(kConflict, "ambiguous",
                  fmt::format("'{}' may be each of {} jobs: say which", job, keys.size()),
                  Value::Object{{"candidates", std::move(candidates)}});
}

std::optional<std::string> decoded(std::string_view text) {
  const auto checked = boost::urls::make_pct_string_view(text);
  if (!checked) return {};
  const auto view = **checked;
  return std::string(view.begin(), view.end());
}

}  // namespace

void Desk::serve(Request request, Respond respond) {
  const bool question = is_question(request.path);
  if (!question && !is_act(request.path)) {
    return respond(error_of(kNotFound, "no_such_path", "there is nothing at this path"));
  }
  if (request.method != (question ? "GET" : "POST")) {
    Reply reply = error_of(kNoSuchMethod, "no_such_method", "this path takes another method");
    reply.allow = question ? "GET" : "POST";
    return respond(std::move(reply));
  }
  if (!request.query.empty() && request.path != kStatus)
    return respond(bad_request(fmt::format("unknown parameter '{}'", request.query[0].first)));
  const core::Core* const core = parts_.core();
  if (core == nullptr) {
    return respond(
        error_of(kUnavailable, "starting", "the daemon is starting: try again in a moment"));
  }
  if (question) return respond(view(request, *core));
  if (is_command(request.path)) return command(request, *core, std::move(respond));
  act(request, std::move(respond));
}

Reply Desk::view(const Request& request, const core::Core& core) const {
  if (request.path == kStatus) return status(request, core);
  if (const View* const found = find_view(request.path))
    return reply_of(kDone, (core.*found->ask)());
  return explain(request, core);
}

Reply Desk::status(const Request& request, const core::Core& core) const {
  std::string error;
  const auto asked = read_status(request.query, error);
  if (!asked) return bad_request(std::move(error));
  Value::Object fields = core.status(asked->jobs, asked->within);
  parts_.complete(fields);
  return reply_of(kDone, std::move(fields));
}

Reply Desk::explain(const Request& request, const core::Core& core) const {
  const auto job = decoded(std::string_view(request.path).substr(kJobs.size()));
  if (!job) return bad_request("the path is not percent-encoded as it should be");
  auto found = find_job(core, *job);
  if (auto* const reply = std::get_if<Reply>(&found)) return std::move(*reply);
  auto fields = core.explain(std::get<std::string>(found));
  if (!fields)
    return error_of(kNotFound, "no_such_job", fmt::format("no job is known by '{}'", *job));
  return reply_of(kDone, std::move(*fields));
}

void Desk::command(const Request& request, const core::Core& core, Respond respond) {
  std::string error;
  auto read = read_command(request.path, request.body, error);
  if (!read) return respond(bad_request(std::move(error)));
  if (std::string* const job = job_of(*read)) {
    auto found = find_job(core, *job);
    if (auto* const reply = std::get_if<Reply>(&found)) return respond(std::move(*reply));
    *job = std::move(std::get<std::string>(found));
  }
  read->user = request.peer.user;
  read->token = expect(pass_to(std::move(respond)));
  parts_.post(std::move(*read));
}

void Desk::act(const Request& request, Respond respond) {
  if (request.path == kReload) return reload(request, std::move(respond));
  if (request.path == kCheck) return check(request, std::move(respond));
  notify(request, std::move(respond));
}

namespace {

/// Reads the body and, when this can be done, does it.
template <class Read, class Do>
void read_and_do(const Request& request, Respond respond, Read read, bool available, Do act) {
  std::string error;
  auto asked = read(request.body, error);
  if (!asked) return respond(bad_request(std::move(error)));
  if (!available)
    return respond(error_of(kNotAvailable, "not_available", "this daemon can't do that"));
  act(std::move(*asked), pass_to(std::move(respond)));
}

}  // namespace

void Desk::reload(const Request& request, Respond respond) {
  read_and_do(request, std::move(respond), read_reload, parts_.reload != nullptr,
              [&](ReloadRequest asked, Answered answered) {
                parts_.reload(asked, request.peer.user, std::move(answered));
              });
}

void Desk::check(const Request& request, Respond respond) {
  read_and_do(request, std::move(respond), read_check, parts_.check != nullptr,
              [&](CheckRequest asked, Answered answered) {
                parts_.check(std::move(asked), std::move(answered));
              });
}

void Desk::notify(const Request& request, Respond respond) {
  read_and_do(request, std::move(respond), read_notify, parts_.notify != nullptr,
              [&](NotifyRequest asked, Answered answered) {
                parts_.notify(std::move(asked), std::move(answered));
              });
}

std::uint64_t Desk::expect(Answered answered) {
  waiting_.emplace(++tokens_, std::move(answered));
  return tokens_;
}

void Desk::answer(core::Answer answer) {
  auto found = waiting_.extract(answer.token);
  if (!found.empty()) found.mapped()(std::move(answer));
}

}  // namespace trainstop::service
