// Where answers come from: the running daemon, or, when it is away, what its journal knows.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "cli/client.hpp"
#include "cli/where.hpp"
#include "core/core.hpp"

namespace trainstop::cli {

/// What the command line says of both.
struct Source {
  SocketOptions socket;
  std::string state_dir;  ///< empty: not given
  Where where() const { return {state_dir, socket.config}; }
};

/// Adds --socket, --config and --state-dir.
void add_source(CLI::App& command, Source& source);

/// A core that knows what the journal held at its last write, as of now. It acts on nothing.
struct Offline {
  core::Core core;
  Instant known_until;  ///< UTC: of the last write; kLongAgo: nothing was written yet
  std::string problem;  ///< why it knows no rules; empty: it knows them
};

/// The exit code, after saying why on stderr, when the journal can't be read. `now` is UTC.
std::variant<Offline, int> open_offline(const Source& source, Instant now);
/// The same, and says nothing: empty when the journal can't be read.
std::optional<Offline> find_offline(const Source& source, Instant now);

/// An answer, and where it is from.
struct Answer {
  boost::json::object body;
  std::string note = {};  ///< from the journal: why, and how old it is, in whole lines; else empty
  bool away() const { return !note.empty(); }
};

/// Asks the daemon for `target`; when it is away, asks what the journal knows. The exit code, after
/// saying why on stderr, when neither answers.
std::variant<Answer, int> ask_either(
    const Source& source, const std::string& target,
    const std::function<Value::Object(const core::Core&)>& from_journal);

/// That the daemon is away, why, and as of when the journal knows what follows: whole lines.
std::string away_note(const Asked& asked, const Offline& offline, Instant now);

}  // namespace trainstop::cli
