// Drives the gate: the journal's thread on one side, the loop on the other, and the timer that
// finds a slow disk.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "journal/writer.hpp"
#include "service/gate.hpp"
#include "service/state.hpp"

namespace trainstop::service {

class Keeper {
 public:
  struct Parts {
    std::filesystem::path directory;
    journal::Keep keep;
    std::function<Moment()> now;
    std::function<void(core::Act)> leave;
    std::function<void(Event&)> complete;
    std::function<std::vector<Image>(const Event&, std::uint64_t)> route;
    std::function<void(const Event&, std::uint64_t)> told;
  };
  /// Takes the memory's store; its present is whoever's recalls it.
  Keeper(boost::asio::any_io_executor executor, Memory& memory, log::Sink& sink, Parts parts);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void pass(core::Batch batch);
  void tell(Event event);
  void keep(Image image);
  bool degraded() const { return gate_.degraded(); }
  bool settled() const { return gate_.settled(); }
  /// Tells what waits without its being durable, and ends.
  void abandon() { gate_.abandon(); }
  /// Writes what waits; false when the disk refuses or hangs: then the process must end without
  /// destroying this.
  bool close(Duration within);

 private:
  journal::Writer::Hooks hooks();
  void watch();

  Parts parts_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  Instant watched_ = kNever;  ///< when the timer rings
  bool closed_ = false;
  Gate gate_;
  journal::Writer writer_;  ///< last: its thread uses the others
};

}  // namespace trainstop::service
