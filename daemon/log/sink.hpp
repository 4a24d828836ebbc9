// Events to lines: logfmt, JSON or text, escaped so that no text from outside can forge a line,
// through an asynchronous bounded spdlog queue that never blocks the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "model/event.hpp"
#include "model/failure.hpp"

namespace trainstop::log {

enum class Format : std::uint8_t { logfmt, json, text };

/// One line without its end, for a journal number. Every line: v, seq, at, level, event, msg, then
/// the event's fields.
std::string format_line(const Event& event, std::uint64_t seq, Format format);

struct Options {
  Format format = Format::logfmt;
  Level level = Level::info;
  /// Absent: stderr, or systemd's journal with fields where that is behind it.
  std::optional<std::filesystem::path> file;
};

class Sink {
 public:
  virtual ~Sink() = default;
  /// Queues the line; never blocks. When the queue is nearly full, lines below warning are dropped
  /// and counted; the count is told when there is room again.
  virtual void write(const Event& event, std::uint64_t seq) = 0;
  /// Lets the file be opened anew before the next line: it was moved away. Told when that fails;
  /// the old one is written on then.
  virtual void reopen() = 0;
  /// Waits until all is written, at most `timeout`; false when it was not.
  virtual bool flush(Duration timeout) = 0;
};

/// Fails when the file can't be opened.
Result<std::unique_ptr<Sink>> make_sink(const Options& options);

}  // namespace trainstop::log
