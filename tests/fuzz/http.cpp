// A reply of HTTP from bytes as they come, with Date, Age and Retry-After.
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <optional>

#include "baseten/status.hpp"
#include "fuzz/fuzz.hpp"
#include "net/reply_reader.hpp"

namespace trainstop::fuzz {
namespace {

using Progress = net::ReplyReader::Progress;

constexpr std::size_t kErrorBodyLimit = 64 * 1024;

struct Outcome {
  Progress progress = Progress::more;
  bool has_header = false, reusable = false, refused = false;
  net::Response response;
  std::string sunk;
  std::size_t used = 0;  ///< bytes given until the end
};

Outcome read(const std::string& bytes, const std::vector<std::size_t>& sizes, std::size_t max_body,
             std::optional<std::size_t> sink_takes) {
  Outcome outcome;
  std::function<bool(std::string_view)> sink;
  if (sink_takes) {
    sink = [&](std::string_view piece) {
      outcome.sunk += piece;
      return outcome.sunk.size() <= *sink_takes;
    };
  }
  net::ReplyReader reader(max_body, sink);
  in_pieces(bytes, sizes, [&](std::string_view piece) {
    const auto buffer = reader.prepare();
    require(buffer.size() >= piece.size(), "there is room for what comes");
    std::memcpy(buffer.data(), piece.data(), piece.size());
    outcome.progress = reader.commit(piece.size());
    outcome.used += piece.size();
    return outcome.progress == Progress::more;
  });
  require(reader.began() == (outcome.used > 0), "it has begun with the first byte");
  if (outcome.progress == Progress::more) outcome.progress = reader.end();
  outcome.has_header = reader.has_header();
  outcome.reusable = outcome.progress == Progress::done && reader.is_reusable();
  outcome.refused = outcome.progress == Progress::failed && !reader.error();
  if (outcome.progress == Progress::done) outcome.response = reader.take();
  return outcome;
}

void check_response(const Outcome& outcome, std::size_t max_body, bool sinks) {
  const net::Response& response = outcome.response;
  require(outcome.has_header, "what is done has a header");
  require(response.status / 100 != 1 || response.status == 101, "an interim reply is not the last");
  const bool success = response.status / 100 == 2;
  const std::size_t body = success && sinks ? outcome.sunk.size() : response.body.size();
  require(body <= (success ? max_body : kErrorBodyLimit), "a body is within its limit");
  require(!success || !sinks || response.body.empty(), "what a sink took is not kept");
  if (response.retry_after) require(*response.retry_after >= Duration{0}, "a wait is not negative");
  const auto failure = baseten::failure_of(response);
  require(failure.has_value() != success, "all but a 2xx is a failure");
  if (failure) require(is_one_line(failure->message), "its words stand in one line");
}

void compare(const Outcome& whole, const Outcome& pieces) {
  require(whole.progress == pieces.progress, "pieces come to the same end");
  if (whole.progress != Progress::done) return;
  const net::Response &a = whole.response, &b = pieces.response;
  require(a.status == b.status && a.body == b.body && a.location == b.location, "the same reply");
  require(a.date == b.date && a.has_age == b.has_age && a.retry_after == b.retry_after,
          "the same headers");
  require(whole.sunk == pieces.sunk, "the sink takes the same");
  // In pieces the bytes behind the reply have not come yet.
  require(!whole.reusable || pieces.reusable, "a connection that is clean stays so");
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop::fuzz;
  Input input(data, size);
  const auto sizes = piece_sizes(input);
  const auto max_body = input.between<std::size_t>(0, 2000);
  std::optional<std::size_t> sink_takes;
  if (input.flag()) sink_takes = input.between<std::size_t>(0, 2000);
  const std::string bytes = input.rest();
  const Outcome whole = read(bytes, {}, max_body, sink_takes);
  compare(whole, read(bytes, sizes, max_body, sink_takes));
  if (whole.progress == Progress::done) check_response(whole, max_body, sink_takes.has_value());
  return 0;
}
