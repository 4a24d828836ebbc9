// Asks the daemon over its socket, and says in words and exit codes why there is no answer.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cli/commands.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

/// What the command line says of the socket.
struct SocketOptions {
  std::string socket;  ///< empty: not given
  std::string config = kDefaultConfig;
};

/// Adds --socket alone, to a command that has a --config.
void add_socket_path(CLI::App& command, SocketOptions& options);
/// Adds --socket and --config.
void add_socket(CLI::App& command, SocketOptions& options);

/// --socket, else $TRAINSTOP_SOCKET, else what the configuration says, however wrong all else in it
/// is; else the default, with why in `note`.
std::filesystem::path find_socket(const SocketOptions& options, std::string& note);

/// What came of a request.
struct Asked {
  unsigned status = 0;       ///< of the reply; 0: there is none
  boost::json::value body;   ///< of the reply
  int trouble = 0;           ///< without a reply: an errno
  bool was_sent = false;     ///< without a reply: the daemon may do it all the same
  std::string message = {};  ///< why it did not work; for a terminal
  bool worked() const { return status == 200; }
  /// The daemon knows nothing of that name.
  bool is_unknown() const { return status == 404; }
  /// The daemon is not there, or does not answer: kUnreachable.
  bool away() const;
};

/// Longer than any command takes.
inline constexpr Duration kLongestAnswer = std::chrono::seconds(70);

/// Sends one request. `target` as in `/v1/status?jobs=5`; says nothing.
Asked call(const SocketOptions& options, std::string_view method, const std::string& target,
           const std::optional<boost::json::object>& body = {}, Duration timeout = kLongestAnswer);

/// The exit code of a request that did not work, after saying why on stderr.
int failed(const Asked& asked);

/// Both: the reply's JSON, or the exit code after saying why on stderr.
std::variant<boost::json::value, int> ask(const SocketOptions& options, std::string_view method,
                                          const std::string& target,
                                          const std::optional<boost::json::object>& body = {});

/// Text as one segment of a target, or as a value of its query.
std::string encoded(std::string_view text);

}  // namespace trainstop::cli
