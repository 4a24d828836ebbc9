// What the requests of the control socket say, read strictly: an unknown key, a wrong type or an
// impossible value is an error that names it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/facts.hpp"
#include "policy/reader.hpp"

namespace trainstop::service {

/// What is asked for, with `job` as it was written; without token and user. Empty, with what is
/// wrong in `error`, when the body is not what the path takes.
std::optional<core::Command> read_command(std::string_view path, std::string_view body,
                                          std::string& error);
/// Whether read_command knows the path.
bool is_command(std::string_view path);
/// The job of a command that is about one.
std::string* job_of(core::Command& command);

/// `POST /v1/reload`.
struct ReloadRequest {
  bool dry_run = false;
};
std::optional<ReloadRequest> read_reload(std::string_view body, std::string& error);

/// `POST /v1/check`: other files in place of the daemon's; without a main one its own as they are
/// on disk now.
struct CheckRequest {
  std::optional<policy::SourceText> main;
  std::vector<policy::SourceText> rules;
};
std::optional<CheckRequest> read_check(std::string_view body, std::string& error);

/// `POST /v1/notify/test`.
struct NotifyRequest {
  std::optional<std::string> sink;  ///< absent: all
};
std::optional<NotifyRequest> read_notify(std::string_view body, std::string& error);

/// `GET /v1/status`.
struct StatusRequest {
  std::size_t jobs = 20;
  std::optional<Duration> within;
};
std::optional<StatusRequest> read_status(
    const std::vector<std::pair<std::string, std::string>>& query, std::string& error);

}  // namespace trainstop::service
