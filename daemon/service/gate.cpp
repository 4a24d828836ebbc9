#include "service/gate.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "journal/failpoint.hpp"
#include "model/planted.hpp"

namespace trainstop::service {

namespace {

constexpr Duration kTellAgain = std::chrono::hours(1);

}  // namespace

Gate::Gate(Parts parts, log::Sink& sink, std::uint64_t first_seq)
    : parts_(std::move(parts)), sink_(sink), next_seq_(first_seq) {}

void Gate::pass(core::Batch batch, const Moment& now) {
  for (Event& event : batch.records) parts_.complete(event);
  append(std::move(batch.records), std::move(batch.images), std::move(batch.acts), now);
}

void Gate::tell(Event event, const Moment& now) {
  parts_.complete(event);
  std::vector<Event> events;
  events.push_back(std::move(event));
  append(std::move(events), {}, {}, now);
}

void Gate::keep(Image image, const Moment& now) {
  std::vector<Image> images;
  images.push_back(std::move(image));
  append({}, std::move(images), {}, now);
}

void Gate::append(std::vector<Event> events, std::vector<Image> images, std::vector<core::Act> acts,
                  const Moment& now) {
  Waiting waiting;
  waiting.first_seq = next_seq_;
  waiting.events = std::move(events);
  waiting.acts = std::move(acts);
  waiting.since = now.line;
  next_seq_ += waiting.events.size();
  route(waiting, images);
  const bool to_keep = !waiting.events.empty() || !images.empty();
  if (to_keep) hand_over(waiting, std::move(images), now);
  if (degraded() || planted("acts-before-durable") || (!to_keep && waiting_.empty()))
    return release(waiting);
  waiting.ticket = appended_;  // what has nothing to keep leaves after what was before it
  waiting_.push_back(std::move(waiting));
}

void Gate::route(const Waiting& waiting, std::vector<Image>& images) const {
  std::uint64_t seq = waiting.first_seq;
  for (const Event& event : waiting.events) {
    std::vector<Image> more = parts_.route(event, seq++);
    std::move(more.begin(), more.end(), std::back_inserter(images));
  }
}

void Gate::hand_over(const Waiting& waiting, std::vector<Image> images, const Moment& now) {
  journal::Batch batch;
  batch.first_seq = waiting.first_seq;
  batch.events = waiting.events;
  batch.images = std::move(images);
  batch.utc = now.utc;
  ++appended_;
  appended_at_ = now.line;
  parts_.append(std::move(batch));
}

void Gate::release(Waiting& batch) {
  std::uint64_t seq = batch.first_seq;
  for (Event& event : batch.events) {
    const bool of_stop = event.name == "stop.intended" || event.name == "stop.sent";
    if (degraded() && of_stop) event.with("durable", false);
    sink_.write(event, seq);
    parts_.told(event, seq++);
  }
  TRAINSTOP_FAILPOINT("gate.before_acts");
  for (core::Act& act : batch.acts) parts_.leave(std::move(act));
}

bool Gate::has_durable() const {
  return !waiting_.empty() &&
         (waiting_.front().ticket <= durable_ || (durable_ > 0 && planted("one-write-frees-all")));
}

/// Whole batches, until so many events or more have been told.
void Gate::release_durable(std::size_t most_events) {
  for (std::size_t told = 0; told < most_events && has_durable();) {
    Waiting batch = std::move(waiting_.front());
    waiting_.pop_front();
    told += batch.events.size();
    release(batch);
  }
}

void Gate::written(std::uint64_t batches, std::uint64_t lost, const Moment& now) {
  lost_ = lost;
  durable_ = batches;
  release_durable(kEventsAtOnce);
  // A disk that takes long for every write stays degraded.
  const bool quick = batches == appended_ && now.line - appended_at_ <= kSlowest;
  if (!degraded() || !quick) return;
  Event event;
  event.name = "journal.recovered";
  event.level = Level::info;
  event.at = now.utc;
  event.message = "the journal is written again";
  event.with("since", degraded_utc_).with("took_s", now.line - degraded_since_);
  event.with("lost", static_cast<std::int64_t>(lost_ - std::exchange(lost_before_, lost_)));
  // Told at once, as all while it is degraded: behind a new trouble it would be wrong.
  tell(std::move(event), now);
  degraded_since_ = degraded_utc_ = kNever;
}

void Gate::failed(const journal::Error& error, const Moment& now) {
  degrade(std::string(journal::to_string(error.kind)), error.message, now);
}

void Gate::abandon() {
  for (Waiting& batch : std::exchange(waiting_, {})) {
    batch.acts.clear();
    release(batch);
  }
}

void Gate::check(const Moment& now) {
  if (has_durable()) return release_durable(kEventsAtOnce);
  if (degraded()) {
    if (now.line >= saturating_add(told_, kTellAgain)) tell_degraded(now);
  } else if (!waiting_.empty() && now.line >= waiting_.front().since + kSlowest) {
    degrade("slow", "a write takes longer than " + format_duration(kSlowest), now);
  }
}

Instant Gate::wake() const {
  if (has_durable()) return kLongAgo;
  if (degraded()) return saturating_add(told_, kTellAgain);
  return waiting_.empty() ? kNever : waiting_.front().since + kSlowest;
}

void Gate::degrade(std::string reason, std::string words, const Moment& now) {
  reason_ = std::move(reason);
  words_ = std::move(words);
  if (degraded()) return;
  release_durable(SIZE_MAX);
  degraded_since_ = now.line;
  degraded_utc_ = now.utc;
  tell_degraded(now);
  // What waited goes now: it has been said that it is not durable.
  for (Waiting& batch : std::exchange(waiting_, {})) release(batch);
}

void Gate::tell_degraded(const Moment& now) {
  told_ = now.line;
  if (planted("degraded-untold")) return;
  Event event;
  event.name = "journal.degraded";
  event.level = Level::error;
  event.at = now.utc;
  event.message = "the journal can't be written: " + words_ +
                  "; what is decided meanwhile would be forgotten by a restart";
  event.with("reason", reason_).with("since", degraded_utc_);
  tell(std::move(event), now);
}

}  // namespace trainstop::service
