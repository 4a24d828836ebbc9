// What the commands that change something have in common.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "cli/client.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

struct Hand {
  SocketOptions socket;
  std::string reason;
  bool json = false;
  bool yes = false;
};

void add_json(CLI::App& command, Hand& hand);
/// Adds --socket, --config and --json.
void add_reach(CLI::App& command, Hand& hand);
/// Adds --reason.
void add_reason(CLI::App& command, Hand& hand);
/// All of these.
void add_hand(CLI::App& command, Hand& hand);
/// Adds --yes.
void add_yes(CLI::App& command, Hand& hand);

/// A span as the configuration writes it. The option may be left out; the text is checked where it
/// is read.
struct Span {
  std::string text;
  /// Empty when it was left out.
  std::optional<Duration> duration() const;
};
void add_span(CLI::App& command, const char* option, Span& span, const char* description,
              bool required);

/// Seconds, as bodies have them.
boost::json::value seconds(Duration duration);

/// Whether a person is to be asked: one sits at a terminal, and --yes has not answered.
bool is_asked(const Hand& hand);

/// Shows what is about to be done. With --json a script reads stdout: then only a person who is
/// asked sees it, on stderr.
void show_first(const Hand& hand, const std::function<void()>& show);

/// What a command does where nobody can be asked.
enum class Unasked : std::uint8_t { goes_on, needs_yes };

/// Empty when what was shown is to be done: asks at the terminal, unless --yes has answered. Else
/// the exit code, after saying why.
std::optional<int> disagreed(const Hand& hand, const std::string& question,
                             Unasked unasked = Unasked::goes_on);

/// Sends the command and prints the answer; gives the reply's JSON or the exit code.
std::variant<boost::json::value, int> tell(const Hand& hand, const std::string& target,
                                           boost::json::object body);
/// The same with the hand's reason; gives the exit code.
int command(const Hand& hand, const std::string& target, boost::json::object body);

/// Prints a sentence of the command's own as it would an answer.
void say(const Hand& hand, const std::string& message);

/// A list in an answer; without one an empty list.
const boost::json::array& list_of(const boost::json::value& answer, std::string_view key);

/// One job as lists of stops have it: `ACCOUNT/ID (name), rule R, due T`; for a terminal.
std::string words_of_stop(const boost::json::value& job);

/// A member of an answer as text for a terminal; empty when it is not there.
std::string text_of(const boost::json::value& answer, std::string_view key);

}  // namespace trainstop::cli
