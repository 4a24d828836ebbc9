// An spdlog sink over a file descriptor whose waits can be ended from another thread. Not for the
// loop: writing waits for whoever reads.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace trainstop::log {

class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Owns `descriptor`. A line is written whole or, once give_up() was called or an error came,
  /// counted as lost.
  explicit DescriptorSink(int descriptor);
  ~DescriptorSink() override;
  DescriptorSink(const DescriptorSink&) = delete;
  DescriptorSink& operator=(const DescriptorSink&) = delete;

  /// Ends a wait for the reader, now and from now on. From any thread.
  void give_up();
  /// How many lines were lost since the last call.
  std::uint64_t take_lost() { return lost_.exchange(0); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  bool write_all(std::string_view text);
  bool wait_until_writable() const;

  int descriptor_;
  int wake_;           ///< an eventfd; readable: given up
  bool torn_ = false;  ///< the last line lacks its end
  std::atomic<std::uint64_t> lost_{0};
};

/// A descriptor of our own for stderr that never blocks a write, so that a full pipe can be waited
/// for with a way out; the description that others share keeps its flags.
int duplicate_stderr();

}  // namespace trainstop::log
