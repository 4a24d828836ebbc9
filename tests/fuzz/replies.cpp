// The bodies of single replies: a job as read and as stopped, a price, a project, who the key is,
// and errors of every shape.
#include "baseten/decode.hpp"
#include "baseten/status.hpp"
#include "baseten/usage.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/render.hpp"

namespace trainstop::fuzz {
namespace {

using baseten::parse_json;

Instant to_millisecond(Instant at) {
  return std::chrono::floor<std::chrono::milliseconds>(at);
}

void check_job(const baseten::JsonValue& record) {
  auto job = baseten::decode_job(record);
  if (job.has_error()) {
    require(!job.error().message.empty(), "a refused job has words");
    require(job.error().kind == FailureKind::unusable, "a refused job is an unusable reply");
    return;
  }
  require(is_api_id(job->id) && is_api_id(job->project_id), "ids are ids");
  require(!job->status.empty() && !job->instance_type.empty() && !job->project_name.empty(),
          "what a decision hangs on is there");
  require(job->gpu_count >= 0 && job->gpu_count <= 1024, "GPUs are within their bounds");
  require(job->node_count.value_or(1) >= 1 && job->node_count.value_or(1) <= 10'000,
          "nodes are within their bounds");
  job->created_at = to_millisecond(job->created_at);
  job->updated_at = to_millisecond(job->updated_at);
  const auto again = parse_json(rendered(*job));
  require(again.has_value(), "a job's text is JSON");
  const auto same = baseten::decode_job(*again);
  require(same.has_value() && *same == *job, "decode(render(job)) == job");
  const std::string reply = R"({"training_job":)" + rendered(*job) + "}";
  require(baseten::decode_job_reply(reply, job->project_id, job->id).has_value(), "it is that job");
  require(baseten::decode_job_reply(reply, job->project_id, job->id + "x").has_error(),
          "a reply about another job is refused");
}

void check_reply(const std::string& body) {
  const auto job = baseten::decode_job_reply(body, "proj1", "p7qr9qv");
  if (job.has_error()) {
    require(!job.error().message.empty(), "a refused reply has words");
  } else {
    require(job->id == "p7qr9qv" && job->project_id == "proj1", "it is the job that was asked for");
  }
  const auto user = baseten::decode_user(body);
  if (user.has_value()) require(is_one_line(*user), "a user stands in one line");
}

void check_row(const baseten::JsonValue& row) {
  const auto price = baseten::decode_price(row);
  if (price.has_value()) {
    require(!price->first.empty(), "a price is of a type");
    require(price->second > Money{} && price->second <= Money::from_dollars(60),
            "a price is above zero and not absurd");
    const auto again = parse_json(R"({"instance_type":{"id":)" + quoted(price->first) +
                                  R"(},"price":)" + format_decimal(price->second) + "}");
    require(again.has_value(), "a price's text is JSON");
    const auto same = baseten::decode_price(*again);
    require(same.has_value() && *same == *price, "decode(render(price)) == price");
  } else {
    require(!price.error().message.empty(), "a refused price has words");
  }
  const auto project = baseten::decode_project(row);
  if (project.has_value()) require(is_api_id(project->id), "a project has an id");
}

void check_usage(const baseten::JsonValue& record) {
  const auto days = baseten::decode_usage(record);
  if (days.has_error()) {
    require(!days.error().message.empty(), "a refused usage has words");
    return;
  }
  std::string text;
  for (const baseten::UsageDay& day : *days) {
    require(is_api_id(day.job_id) && day.job_id == days->front().job_id, "usage is of one job");
    require(day.minutes >= 0, "minutes are not negative");
    text += text.empty() ? R"({"billable_resource":{"kind":"TRAINING_JOB","id":)" +
                               quoted(day.job_id) + R"(},"daily":[)"
                         : ",";
    text += R"({"date":)" + quoted(format_rfc3339(Instant(day.day))) + R"(,"minutes":)" +
            std::to_string(day.minutes) + R"(,"subtotal":)" + quoted(format_decimal(day.billed)) +
            "}";
  }
  if (days->empty()) return;
  const auto again = parse_json(text + "]}");
  require(again.has_value(), "a usage's text is JSON");
  const auto same = baseten::decode_usage(*again);
  require(same.has_value() && *same == *days, "decode(render(usage)) == usage");
  baseten::UsageCollector collector;
  collector.add(*again);
  collector.add(record);
  require(collector.list().days == *days && collector.list().unusable == 1,
          "a job's second record is refused");
}

void check_error(const std::string& body, unsigned status, std::optional<Duration> header) {
  const baseten::ErrorBody error = baseten::decode_error(body);
  require(is_one_line(error.message), "an error's words stand in one line");
  require(error.message.size() <= 210, "an error's words are few");
  constexpr Duration kMost = std::chrono::seconds(1'000'000'000);
  if (error.retry_after) {
    require(*error.retry_after >= Duration{0} && *error.retry_after <= kMost, "a wait is bounded");
  }
  net::Response response;
  response.status = status;
  response.body = body;
  response.location = body;
  response.retry_after = header;
  const auto failure = baseten::failure_of(response);
  require(failure.has_value() == (status / 100 != 2), "all but a 2xx is a failure");
  if (!failure) return;
  require(failure->status == status && is_one_line(failure->message), "a failure has words");
  require(failure->retry_after == std::max(header, error.retry_after), "the longer wait is asked");
}

void check_quotable(const std::string& text, std::size_t longest) {
  const std::string quotable = baseten::quotable(text, longest);
  require(is_one_line(quotable), "it stands in one line");
  require(baseten::quotable(quotable, quotable.size()) == quotable, "once is enough");
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  using namespace trainstop::fuzz;
  fuzz::Input input(data, size);
  const unsigned status = input.between(200U, 599U);
  std::optional<Duration> header;
  if (input.flag()) header = std::chrono::seconds(input.between(0, 1'000'000'000));
  const auto longest = input.between<std::size_t>(0, 100);
  const std::string body = input.rest();
  check_quotable(body, longest);
  check_error(body, status, header);
  check_reply(body);
  const auto value = parse_json(body);
  if (!value) return 0;
  check_job(*value);
  check_row(*value);
  check_usage(*value);
  for (const baseten::JsonValue& item : value->items) check_job(item);
  return 0;
}
