// The start: on which time line the daemon goes on, what it knows from the journal, and its first
// facts.
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include "service/lineage.hpp"
#include "service/root.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

namespace {

// Images recalled at once: a millisecond.
constexpr std::size_t kImagesPerFact = 128;
// After a boot an API is asked for the time this often until one answers.
constexpr Duration kAskDateEvery = std::chrono::seconds(2);
constexpr Duration kTellAgain = std::chrono::hours(1);

/// Reads the seed of all jitter; the core itself has no source of chance.
std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

/// Goes on with the time line of the run before, and begins. After a boot only UTC connects the
/// two, and this machine's clock alone is not to be trusted with it.
asio::awaitable<void> Root::find_line() {
  const auto last = last_run(memory_.present.images);
  const Duration shift = last_utc_shift(memory_.present.images);
  const Instant last_utc = memory_.present.last_utc;
  std::optional<Duration> offset;
  if (last) offset = resumed_offset(*last, boot_id_, BootClock::boot_time(), shift, last_utc);
  const Instant asked_since = clock_.now();
  Instant told = kLongAgo;
  asio::steady_timer timer(context_);
  while (last && !offset) {
    std::optional<Instant> date;
    for (const auto& account : accounts_) {
      if (!date) date = co_await account->read_api_date();
    }
    if (date) {
      const Instant utc = utc_after_boot(BootClock::wall(), *date, last_utc);
      offset = saturating_add(utc, -shift).time_since_epoch() - BootClock::boot_time();
      break;
    }
    const Duration waited = clock_.now() - asked_since;
    if (waited >= input_.config.safety.unreachable_after &&
        clock_.now() >= saturating_add(told, kTellAgain)) {
      told = clock_.now();
      keeper_.tell(waiting_for_date(BootClock::wall(), waited));
    }
    timer.expires_after(kAskDateEvery);
    co_await timer.async_wait(asio::use_awaitable);
    if (ending_) co_return;
  }
  if (offset) clock_.set_offset(*offset);
  feed_.begin();
  if (last) {
    found_.away = std::max(BootClock::wall() - last_utc, Duration{0});
    found_.was_killed = !last->ended;
  }
  begin();
}

void Root::begin() {
  started_ = clock_.now();
  auto change = feed_.take_change();
  for (const Image& image : memory_.present.images) {
    const bool ended = std::any_of(image.body.begin(), image.body.end(),
                                   [](const auto& member) { return member.first == "ended"; });
    if (image.kind == Image::Kind::job && !ended) ++found_.live_jobs;
    if (image.kind == Image::Kind::stop) ++found_.open_stops;
  }
  keeper_.tell(daemon_started(feed_.utc_now(), input_.config, input_.config_file, found_));
  keeper_.tell(config_loaded(feed_.utc_now(), input_.config, input_.warnings));
  if (memory_.lost) keeper_.tell(journal_lost(feed_.utc_now(), *memory_.lost, memory_.set_aside));
  keep_run({});
  loop_.emplace(context_.get_executor(),
                core::Core(input_.config, clock_.now(), feed_.utc_shift(), random_seed()), feed_,
                alarm_,
                CoreLoop::Hooks{[this](core::Batch batch) { keeper_.pass(std::move(batch)); },
                                [this](const core::Fact& fact) { note_fact(fact); }});
  recall();
  if (change) loop_->post(std::move(*change));
  loop_->post(core::Tick{});
  spawn(loop_->follow_alarm());
}

void Root::recall() {
  std::vector<Image>& images = memory_.present.images;
  notifier_.recall(images);
  // The core must not take a sink's name for an account's.
  std::erase_if(images, [](const Image& image) { return image.kind == Image::Kind::outbox; });
  std::size_t next = 0;
  do {
    core::Recalled piece;
    const std::size_t end = std::min(images.size(), next + kImagesPerFact);
    for (; next < end; ++next) piece.images.push_back(std::move(images[next]));
    piece.last = next == images.size();
    piece.lost = memory_.lost.has_value();
    loop_->post(std::move(piece));
  } while (next < images.size());
  images = {};
}

/// What the next run needs to go on with this one's line; the runs before need no place any more.
void Root::keep_run(std::optional<Instant> ended) {
  if (!ended) {
    for (const Image& image : memory_.present.images) {
      if (image.kind == Image::Kind::run)
        keeper_.keep({Image::Kind::run, Image::Change::close, image.key, {}});
    }
    keeper_.keep(config_image(input_.config, input_.config_file));
  }
  Run run;
  run.started = started_;
  run.boot_id = boot_id_;
  run.line_offset = clock_.offset();
  run.ended = ended;
  keeper_.keep(image_of(run, run_fields(input_.config)));
}

}  // namespace trainstop::service
