// Runs a call to its end from a test that is no coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace trainstop::test {

template <class T>
boost::asio::awaitable<void> store(boost::asio::awaitable<T> call, std::optional<T>* result) {
  T value = co_await std::move(call);
  result->emplace(std::move(value));
}

/// Runs `loop` until the call's result is there; gives it. Throws when it takes over a minute.
template <class T>
T finish(boost::asio::io_context& loop, boost::asio::awaitable<T> call) {
  std::optional<T> result;
  std::exception_ptr thrown;
  bool is_done = false;
  boost::asio::co_spawn(loop, store(std::move(call), &result), [&](std::exception_ptr error) {
    thrown = error;
    is_done = true;
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  loop.restart();
  while (!is_done) {
    if (loop.run_one_until(end) == 0) throw std::runtime_error("the call did not end");
  }
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace trainstop::test
