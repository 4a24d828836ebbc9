#include "sim/render.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "sim/world.hpp"

namespace trainstop::sim {
namespace {

using namespace std::chrono_literals;

// 2026-11-23T20:56:04.120034Z
const WallTime kTime(1'795'467'364'120'034us);

TEST(Render, Times_have_0_to_6_fractional_digits_and_Z_or_an_offset) {
  EXPECT_EQ(render_time(kTime, 0, std::nullopt), "2026-11-23T20:56:04Z");
  EXPECT_EQ(render_time(kTime, 3, std::nullopt), "2026-11-23T20:56:04.120Z");
  EXPECT_EQ(render_time(kTime, 6, std::nullopt), "2026-11-23T20:56:04.120034Z");
  EXPECT_EQ(render_time(kTime, 1, 330min), "2026-11-24T02:26:04.1+05:30");
  EXPECT_EQ(render_time(kTime, 0, -90min), "2026-11-23T19:26:04-01:30");
}

TEST(Render, Http_dates_are_IMF_fixdates) {
  EXPECT_EQ(render_http_date(kTime), "Mon, 23 Nov 2026 20:56:04 GMT");
  EXPECT_EQ(render_http_date(WallTime(784'111'777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

boost::json::object job_with(const std::function<void(JobScript&)>& change) {
  JobState job;
  job.script.id = "j1";
  job.status = kRunning;
  job.project = {"proj1", "Project \"one\"", std::nullopt};
  change(job.script);
  return boost::json::parse(render_job(job, InstanceType(), 0us)).as_object();
}

TEST(Render, The_new_schema_has_every_field_and_the_old_one_only_the_required) {
  const auto job = job_with([](JobScript& script) {
    script.name = "a \"name\"\n";
    script.user = "ana@corp.example";
    script.extra_members = R"("future":{"a":1})";
  });
  EXPECT_EQ(job.at("name").as_string(), "a \"name\"\n");
  EXPECT_EQ(job.at("user").at("email").as_string(), "ana@corp.example");
  EXPECT_EQ(job.at("future").at("a").as_int64(), 1);
  EXPECT_EQ(job.at("training_project").at("name").as_string(), "Project \"one\"");
  EXPECT_EQ(job.size(), 15U);
  const auto old = job_with([](JobScript& script) { script.old_schema = true; });
  EXPECT_EQ(old.size(), 7U);
  for (const auto* key : {"id", "created_at", "current_status", "instance_type", "updated_at",
                          "training_project_id", "training_project"}) {
    EXPECT_TRUE(old.contains(key)) << key;
    EXPECT_TRUE(job.contains(key)) << key;
  }
}

TEST(Render, Prices_are_the_text_that_was_given_however_absurd) {
  InstanceType huge, hidden, unpriced;
  huge.price = "1e400";
  hidden.priced = false;
  unpriced.id = "L4";
  unpriced.price = "";
  const std::string text = render_prices({huge, hidden, unpriced});
  EXPECT_NE(text.find(R"("price":1e400})"), std::string::npos);
  const auto list = boost::json::parse(render_prices({unpriced})).at("instance_types").as_array();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_FALSE(list[0].as_object().contains("price"));
}

TEST(Render, Errors_come_in_both_shapes) {
  EXPECT_EQ(render_error(ErrorShape::code_and_message, "NOT_FOUND", "gone"),
            R"({"code":"NOT_FOUND","message":"gone"})");
  EXPECT_EQ(render_error(ErrorShape::error_only, "NOT_FOUND", "gone"), R"({"error":"gone"})");
}

}  // namespace
}  // namespace trainstop::sim
