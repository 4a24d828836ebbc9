#include "service/secrets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "model/descriptor.hpp"

namespace trainstop::service {

namespace {

Failure failed(std::string message) {
  Failure failure;
  failure.kind = FailureKind::client_error;
  failure.message = std::move(message);
  return failure;
}

/// systemd's credentials are for this unit alone, whatever mode their access list shows; any other
/// file must be private.
enum class Privacy : std::uint8_t { given, checked };

Result<std::string> read_file(const std::string& path, const std::string& source, Privacy privacy) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (file.number() < 0 || ::fstat(file.number(), &about) != 0) {
    return failed(fmt::format("{}: {}", source, std::strerror(errno)));
  }
  if (!S_ISREG(about.st_mode)) return failed(source + ": not a regular file");
  if (privacy == Privacy::checked && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return failed(fmt::format("{}: others can read it (mode {:04o}); run: chmod 600 {}", source,
                              about.st_mode & 07777U, path));
  }
  std::string text(kLongestSecret + 2, '\0');
  const ssize_t count = ::read(file.number(), text.data(), text.size());
  if (count < 0) return failed(fmt::format("{}: {}", source, std::strerror(errno)));
  text.resize(static_cast<std::size_t>(count));
  return text;
}

Result<std::string> read_raw(const policy::SecretSource& from, const std::string& source) {
  using From = policy::SecretSource::From;
  if (from.from == From::file) return read_file(from.name, source, Privacy::checked);
  if (from.from == From::env) {
    const char* value = std::getenv(from.name.c_str());
    if (value == nullptr) return failed(source + " is not set");
    return std::string(value);
  }
  if (from.name.empty() || from.name.find('/') != std::string::npos || from.name[0] == '.') {
    return failed(source + ": not the name of a credential");
  }
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || directory[0] != '/') {
    return failed(source +
                  ": CREDENTIALS_DIRECTORY is not set; run under systemd with LoadCredential=, or "
                  "take the key from {env: NAME} or {file: PATH}");
  }
  return read_file(std::string(directory) + '/' + from.name, source, Privacy::given);
}

std::string describe(const policy::SecretSource& from) {
  using From = policy::SecretSource::From;
  if (from.from == From::file) return fmt::format("file '{}'", from.name);
  if (from.from == From::env) return fmt::format("environment variable {}", from.name);
  return fmt::format("credential '{}'", from.name);
}

/// Overwrites the value where the kernel shows it (/proc/PID/environ) and drops the name.
void remove_from_environment(const std::string& name) {
  char* value = std::getenv(name.c_str());
  if (value == nullptr) return;
  ::explicit_bzero(value, std::strlen(value));
  ::unsetenv(name.c_str());
}

}  // namespace

Result<std::string> read_secret(const policy::SecretSource& from) {
  const std::string source = describe(from);
  auto raw = read_raw(from, source);
  if (raw.has_error()) return raw.error();
  std::string secret = std::move(raw).value();
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return failed(source + " is empty");
  if (secret.size() > kLongestSecret) return failed(source + " is too long to be a key");
  const auto is_printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(secret.begin(), secret.end(), is_printable)) {
    return failed(source + " holds a blank or a character that can't be part of a key");
  }
  return secret;
}

Result<std::vector<std::string>> take_api_keys(const std::vector<policy::Account>& accounts) {
  std::vector<std::string> keys;
  for (const policy::Account& account : accounts) {
    auto key = read_secret(account.api_key);
    if (key.has_error()) {
      return failed(fmt::format("account '{}': api_key: {}", account.name, key.error().message));
    }
    keys.push_back(std::move(key).value());
  }
  for (const policy::Account& account : accounts) {
    if (account.api_key.from == policy::SecretSource::From::env) {
      remove_from_environment(account.api_key.name);
    }
  }
  return keys;
}

Result<notify::Secrets> take_notify_secrets(const policy::Config& config,
                                            const notify::Secrets& before) {
  using From = policy::SecretSource::From;
  std::vector<policy::SecretSource> taken;
  const auto take = [&](const policy::SecretSource& from, const std::string* known,
                        const std::string& what) -> Result<std::string> {
    if (from.from == From::env && known != nullptr && std::getenv(from.name.c_str()) == nullptr) {
      return *known;
    }
    taken.push_back(from);
    auto secret = read_secret(from);
    if (secret.has_error()) return failed(fmt::format("{}: {}", what, secret.error().message));
    return secret;
  };
  const auto known = [](const std::map<std::string, std::string>& secrets,
                        const std::string& sink) {
    const auto found = secrets.find(sink);
    return found == secrets.end() ? nullptr : &found->second;
  };
  notify::Secrets secrets;
  for (const policy::NotifySink& sink : config.notify) {
    const std::string what = fmt::format("notify '{}'", sink.name);
    if (sink.url) {
      auto url = take(*sink.url, known(before.urls, sink.name), what + ": url");
      if (url.has_error()) return url.error();
      secrets.urls[sink.name] = std::move(url).value();
    }
    if (sink.hmac) {
      auto key = take(*sink.hmac, known(before.hmacs, sink.name), what + ": hmac");
      if (key.has_error()) return key.error();
      secrets.hmacs[sink.name] = std::move(key).value();
    }
  }
  if (config.heartbeat) {
    const std::string* url = before.heartbeat ? &*before.heartbeat : nullptr;
    auto heartbeat = take(config.heartbeat->url, url, "heartbeat: url");
    if (heartbeat.has_error()) return heartbeat.error();
    secrets.heartbeat = std::move(heartbeat).value();
  }
  for (const policy::SecretSource& from : taken) {
    if (from.from == From::env) remove_from_environment(from.name);
  }
  return secrets;
}

void hide_process() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

std::string redact(std::string text, std::string_view secret) {
  static constexpr std::string_view kMark = "[key]";
  if (secret.empty()) return text;
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kMark.size())) {
    text.replace(at, secret.size(), kMark);
  }
  return text;
}

}  // namespace trainstop::service
