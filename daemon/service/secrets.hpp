// Where keys come from. A message names the source of a key, never a part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/failure.hpp"
#include "notify/notifier.hpp"
#include "policy/config.hpp"

namespace trainstop::service {

/// No key is longer; a path that leads to something else is found out by it.
inline constexpr std::size_t kLongestSecret = 8192;

/// Reads one secret: from `$CREDENTIALS_DIRECTORY/NAME`, an environment variable, or a file that
/// nobody but its owner can read. One newline at the end is dropped; what is left must be printable
/// ASCII without blanks, since it becomes part of a header.
Result<std::string> read_secret(const policy::SecretSource& source);

/// The keys of all accounts in their order. The environment variables they came from are then wiped
/// and removed, so that no child and no reader of /proc sees them. Call before any thread starts.
Result<std::vector<std::string>> take_api_keys(const std::vector<policy::Account>& accounts);

/// What the sinks and the heartbeat need, likewise. A variable that is not set any more keeps the
/// value that `before` has of the same sink: this process has taken it from the environment.
Result<notify::Secrets> take_notify_secrets(const policy::Config& config,
                                            const notify::Secrets& before = {});

/// Keeps other processes of the same user from reading this one's memory, environment and core
/// dump.
void hide_process();

/// `text` with every occurrence of `secret` replaced, for words that came from outside.
std::string redact(std::string text, std::string_view secret);

}  // namespace trainstop::service
