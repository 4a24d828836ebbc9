// Runs a loop until something holds.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace trainstop::notify {

inline bool run_until(boost::asio::io_context& loop, const std::function<bool()>& holds,
                      std::chrono::milliseconds within = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + within;
  loop.restart();
  while (!holds() && std::chrono::steady_clock::now() < end) {
    loop.run_one_for(std::chrono::milliseconds(10));
    if (loop.stopped()) loop.restart();
  }
  return holds();
}

}  // namespace trainstop::notify
