#include "service/daemon.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "service/root.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

namespace {

constexpr Duration kLongestFlush = std::chrono::seconds(2);
constexpr Duration kLongestClose = std::chrono::seconds(2);

/// Serves the loop until the orderly end; each handler's processor time is what it held the loop.
void serve(asio::io_context& context, Root& root) {
  while (!root.done()) {
    const Duration begin = thread_time();
    if (context.run_one() == 0) return;
    root.note_handler(thread_time() - begin);
  }
  context.run_for(kLongestClose);
}

}  // namespace

int run_daemon(DaemonInput input) {
  std::signal(SIGPIPE, SIG_IGN);
  std::string held_by;
  const auto directory = take_directory(input.config.state_dir, held_by);
  if (directory.has_error()) {
    fmt::print(stderr, "trainstop: error: {}\n", directory.error().message);
    const bool passes = directory.error().kind == FailureKind::server_error;
    return passes ? kExitFailed : kExitConfiguration;
  }
  Memory memory = open_memory(input.config.state_dir, BootClock::wall());
  if (memory.newer) {
    fmt::print(stderr, "trainstop: error: {}\n", memory.trouble->message);
    return kExitConfiguration;
  }
  auto sink = log::make_sink(log_options(input.config));
  if (sink.has_error()) {
    fmt::print(stderr, "trainstop: error: log.file: {}\n", sink.error().message);
    return kExitConfiguration;
  }
  asio::io_context context(1);
  Root root(context, input, **sink, memory);
  if (const auto connected = root.connect_accounts(); connected.has_error()) {
    fmt::print(stderr, "trainstop: error: {}\n", connected.error().message);
    return kExitConfiguration;
  }
  if (const auto notified = root.connect_sinks(); notified.has_error()) {
    fmt::print(stderr, "trainstop: error: {}\n", notified.error().message);
    return kExitConfiguration;
  }
  int code = 0;
  bool clean = false;
  try {
    root.start();
    serve(context, root);
    clean = root.close_journal(kLongestFlush);
  } catch (const std::exception& bug) {
    root.tell_bug(bug.what(), kLongestFlush);
    code = kExitBug;
  }
  (*sink)->flush(kLongestFlush);
  // Frames that still wait hold references, and a disk may hang: nothing may be destroyed under
  // them.
  if (!context.stopped() || code != 0 || !clean) std::_Exit(code);
  return code;
}

}  // namespace trainstop::service
