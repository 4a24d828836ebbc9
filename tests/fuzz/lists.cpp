// A list of jobs as it streams in: split, decoded, collected; against the whole text read at once.
#include <set>

#include "baseten/collector.hpp"
#include "baseten/decode.hpp"
#include "baseten/splitter.hpp"
#include "fuzz/fuzz.hpp"

namespace trainstop::fuzz {
namespace {

using baseten::JobList;
using baseten::JsonValue;
using baseten::KnownJobs;
using Kind = JsonValue::Kind;

struct Outcome {
  bool complete = false;
  std::string problem;
  JobList list;
  std::shared_ptr<const KnownJobs> known;
};

Outcome collect(const std::string& body, const std::vector<std::size_t>& sizes,
                std::size_t longest_element, std::shared_ptr<const KnownJobs> last) {
  baseten::JobCollector collector(std::move(last), 1);
  baseten::ListSplitter splitter("training_jobs", longest_element, [&](std::string_view raw) {
    require(raw.size() <= longest_element, "an element is within its bound");
    return collector.add(raw);
  });
  in_pieces(body, sizes, [&](std::string_view piece) { return splitter.write(piece); });
  Outcome outcome;
  outcome.complete = splitter.is_complete();
  outcome.problem = collector.problem();
  if (!outcome.complete) return outcome;
  outcome.list = collector.finish([](JobSnapshot&) {});
  outcome.known = collector.known();
  return outcome;
}

void compare(const Outcome& a, const Outcome& b, bool same_objects) {
  require(a.complete == b.complete && a.problem == b.problem, "the same end");
  require(a.list.unusable == b.list.unusable && a.list.first_problem == b.list.first_problem,
          "the same records are skipped");
  require(a.list.jobs.size() == b.list.jobs.size(), "as many jobs");
  for (std::size_t i = 0; i < a.list.jobs.size(); ++i) {
    require(*a.list.jobs[i] == *b.list.jobs[i], "the same jobs in the same order");
    require(!same_objects || a.list.jobs[i] == b.list.jobs[i],
            "an unchanged job is the same object");
  }
}

/// The list as the whole text has it; nullptr when the text is no such reply.
const JsonValue* find_list(const std::optional<JsonValue>& reply) {
  if (!reply || reply->kind != Kind::object) return nullptr;
  const JsonValue* found = nullptr;
  for (std::size_t i = 0; i < reply->keys.size(); ++i) {
    if (reply->keys[i] != "training_jobs") continue;
    if (found != nullptr) return nullptr;
    found = &reply->items[i];
  }
  return found != nullptr && found->kind == Kind::array ? found : nullptr;
}

void check_against_whole(const std::string& body, const Outcome& outcome) {
  const auto reply = baseten::parse_json(body);
  const JsonValue* const list = find_list(reply);
  require(outcome.complete == (list != nullptr), "complete is what is one whole list");
  if (list == nullptr) return;
  std::set<std::string> ids;
  std::vector<JobSnapshot> jobs;
  std::size_t unusable = 0;
  for (const JsonValue& item : list->items) {
    auto job = baseten::decode_job(item);
    unusable += job.has_error() ? 1U : 0U;
    if (job.has_value() && ids.insert(job->id).second) jobs.push_back(std::move(*job));
  }
  require(outcome.list.jobs.size() == jobs.size(), "every job that can be read, once");
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    require(*outcome.list.jobs[i] == jobs[i], "streamed is what is read at once");
  }
  require(outcome.list.unusable >= unusable && outcome.list.unusable <= list->items.size(),
          "what can't be read is counted");
  require(outcome.list.unusable == 0 || !outcome.list.first_problem.empty(), "and has words");
}

}  // namespace
}  // namespace trainstop::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trainstop;
  using namespace trainstop::fuzz;
  constexpr std::size_t kLargestElement = 256 * 1024;
  fuzz::Input input(data, size);
  const auto sizes = piece_sizes(input);
  const auto small = input.between<std::size_t>(0, 1000);
  const std::string body = input.rest();
  const auto nothing = std::make_shared<const KnownJobs>();
  const Outcome whole = collect(body, {}, kLargestElement, nothing);
  compare(whole, collect(body, sizes, kLargestElement, nothing), false);
  check_against_whole(body, whole);
  compare(collect(body, {}, small, nothing), collect(body, sizes, small, nothing), false);
  if (whole.complete) compare(whole, collect(body, sizes, kLargestElement, whole.known), true);
  return 0;
}
