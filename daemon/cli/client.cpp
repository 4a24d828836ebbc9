#include "cli/client.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "cli/answer.hpp"
#include "cli/text.hpp"
#include "control/client.hpp"
#include "policy/reader.hpp"

namespace trainstop::cli {

namespace {

namespace json = boost::json;

constexpr unsigned kBadRequest = 400;
constexpr unsigned kUnavailable = 503;
constexpr unsigned kNoAnswer = 504;

bool is_refusal(int trouble) {
  return trouble == EACCES || trouble == EPERM;
}

/// `error` of the body; empty when there is none.
json::object error_of(const json::value& body) {
  if (!body.is_object()) return {};
  const json::value* const error = body.as_object().if_contains("error");
  return error != nullptr && error->is_object() ? error->as_object() : json::object{};
}

std::string advice(int trouble) {
  if (is_refusal(trouble))
    return "run this as root, as the user that runs the daemon, or as a member of the socket's "
           "group";
  if (trouble == ENOENT || trouble == ECONNREFUSED)
    return "no daemon listens there: start it, or name its socket with --socket";
  if (trouble == ETIMEDOUT) return "the daemon hangs: see its log";
  return "see whether it is the daemon's socket";
}

void read(const control::ClientReply& reply, const std::string& socket, Asked& asked) {
  boost::system::error_code error;
  asked.body = json::parse(reply.body, error);
  if (error) {
    asked.trouble = EPROTO;
    asked.was_sent = true;
    asked.message = plain(socket) + ": what answers there is not the daemon";
    return;
  }
  asked.status = reply.status;
  if (!asked.worked()) asked.message = text_at(error_of(asked.body), "message");
}

}  // namespace

void add_socket_path(CLI::App& command, SocketOptions& options) {
  command.add_option("--socket", options.socket, "The daemon's socket")->type_name("PATH");
}

void add_socket(CLI::App& command, SocketOptions& options) {
  add_socket_path(command, options);
  command.add_option("--config", options.config, "The configuration file that names the socket")
      ->capture_default_str()
      ->type_name("FILE");
}

std::filesystem::path find_socket(const SocketOptions& options, std::string& note) {
  if (!options.socket.empty()) return options.socket;
  const char* const given = std::getenv("TRAINSTOP_SOCKET");
  if (given != nullptr && *given != '\0') return given;
  std::string error;
  if (auto configured = policy::read_socket(options.config, error)) return *configured;
  note = error;
  return policy::Config{}.control.socket;
}

bool Asked::away() const {
  return status == 0 && !is_refusal(trouble);
}

Asked call(const SocketOptions& options, std::string_view method, const std::string& target,
           const std::optional<json::object>& body, Duration timeout) {
  std::string note;
  const auto socket = find_socket(options, note);
  const std::string text = body ? json::serialize(*body) : "";
  const auto reply = control::Client(socket).call(method, target, text, timeout);
  Asked asked;
  if (reply) {
    read(*reply, socket.string(), asked);
    return asked;
  }
  asked.trouble = reply.error().code;
  asked.was_sent = reply.error().was_sent;
  asked.message = plain(reply.error().message) + "; " + advice(asked.trouble);
  if (!note.empty()) asked.message += " (" + plain(note) + ")";
  return asked;
}

int failed(const Asked& asked) {
  fmt::print(
      stderr, "{}\n",
      asked.message.empty() ? fmt::format("the daemon answered {}", asked.status) : asked.message);
  if (asked.status == 0) {
    if (is_refusal(asked.trouble)) return kNotPermitted;
    if (asked.was_sent) fmt::print(stderr, "it may be done all the same\n");
    return kUnreachable;
  }
  const json::object error = error_of(asked.body);
  if (text_at(error, "code") == "ambiguous") {
    const json::value* const candidates = error.if_contains("candidates");
    if (candidates != nullptr && candidates->is_array()) {
      for (const json::value& candidate : candidates->as_array()) {
        if (candidate.is_string())
          fmt::print(stderr, "  {}\n", plain(std::string_view(candidate.as_string())));
      }
    }
    return kAmbiguous;
  }
  if (asked.status == kUnavailable || asked.status == kNoAnswer) return kUnreachable;
  if (asked.status == kBadRequest) return kWrongUsage;
  return asked.is_unknown() ? kNoSuchJob : kFailed;
}

std::variant<json::value, int> ask(const SocketOptions& options, std::string_view method,
                                   const std::string& target,
                                   const std::optional<json::object>& body) {
  Asked asked = call(options, method, target, body);
  if (!asked.worked()) return failed(asked);
  return std::move(asked.body);
}

std::string encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      result += c;
    } else {
      result += fmt::format("%{:02X}", byte);
    }
  }
  return result;
}

}  // namespace trainstop::cli
