// The control socket that can't be had: told, tried again, told when it is there.
#include "service/reception.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "support/temp_dir.hpp"

namespace trainstop::service {
namespace {

using testing::HasSubstr;

TEST(Reception, TellsOnceWhyThereIsNoSocket) {
  const test::TempDir directory;
  const auto blocked = directory.write("control.sock", "no socket");
  boost::asio::io_context loop(1);
  std::vector<Event> told;
  Reception::Parts parts;
  parts.options.path = blocked;
  parts.desk.core = [] { return nullptr; };
  parts.tell = [&](Event event) { told.push_back(std::move(event)); };
  parts.utc_now = [] { return Instant{} + std::chrono::hours(24); };
  Reception reception(loop.get_executor(), std::move(parts));
  boost::asio::co_spawn(loop, reception.keep_open(), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  loop.run_for(std::chrono::milliseconds(50));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].name, "control.unavailable");
  EXPECT_THAT(told[0].message, HasSubstr("that is no socket"));
  std::filesystem::remove(blocked);
  reception.look();
  reception.look();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].name, "control.available");
  EXPECT_TRUE(std::filesystem::is_socket(blocked));
  reception.close();
  loop.run_for(std::chrono::seconds(2));
  EXPECT_TRUE(loop.stopped()) << "something still waits";
  EXPECT_FALSE(std::filesystem::exists(blocked));
}

}  // namespace
}  // namespace trainstop::service
