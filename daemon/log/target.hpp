// Where lines go: an spdlog sink over a file descriptor whose waits can be ended from another
// thread. Not for the loop: writing waits for whoever reads.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "model/event.hpp"
#include "model/failure.hpp"

namespace trainstop::log {

enum class Format : std::uint8_t;

class Target : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Target();
  ~Target() override;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  /// The event as write() wants it.
  virtual std::string render(const Event& event, std::uint64_t seq, Format format) const = 0;
  /// Opens the target anew: somebody has moved the file away. On a failure all stays as it is.
  virtual Result<void> reopen() = 0;

  /// Ends a wait for the reader, now and from now on. From any thread.
  void give_up();
  /// How many lines were lost since the last call. A line is written whole or, once give_up() was
  /// called or an error came, counted as lost.
  std::uint64_t take_lost() { return lost_.exchange(0); }

 protected:
  /// False: it is lost.
  virtual bool write(std::string_view rendered) = 0;
  /// False when the wait was given up before.
  bool wait_until_writable(int descriptor) const;

 private:
  void sink_it_(const spdlog::details::log_msg& message) final;
  void flush_() final {}

  int wake_;  ///< an eventfd; readable: given up
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace trainstop::log
