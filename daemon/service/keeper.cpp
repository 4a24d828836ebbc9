#include "service/keeper.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace trainstop::service {

namespace asio = boost::asio;

Keeper::Keeper(asio::any_io_executor executor, Memory& memory, log::Sink& sink, Parts parts)
    : parts_(std::move(parts)),
      executor_(executor),
      timer_(executor),
      gate_({[this](journal::Batch batch) { writer_.append(std::move(batch)); }, parts_.leave,
             parts_.complete, parts_.route, parts_.told},
            sink, memory.present.last_seq + 1),
      writer_(
          std::move(memory.store),
          [directory = parts_.directory,
           was_read = !memory.lost || !memory.set_aside.empty()]() mutable {
            auto opened = reopen(directory, was_read);
            was_read = was_read || opened.has_value();
            return opened;
          },
          parts_.keep, hooks()) {}

journal::Writer::Hooks Keeper::hooks() {
  journal::Writer::Hooks hooks;
  hooks.post = [this](std::function<void()> what) { asio::post(executor_, std::move(what)); };
  hooks.written = [this](std::uint64_t batches, std::uint64_t lost) {
    gate_.written(batches, lost, parts_.now());
    watch();
  };
  hooks.failed = [this](const journal::Error& error) {
    gate_.failed(error, parts_.now());
    watch();
  };
  return hooks;
}

void Keeper::pass(core::Batch batch) {
  gate_.pass(std::move(batch), parts_.now());
  watch();
}

void Keeper::tell(Event event) {
  gate_.tell(std::move(event), parts_.now());
  watch();
}

void Keeper::keep(Image image) {
  gate_.keep(std::move(image), parts_.now());
  watch();
}

void Keeper::watch() {
  const Instant wake = gate_.wake();
  if (closed_ || wake >= watched_) return;
  watched_ = wake;
  const Instant now = parts_.now().line;
  timer_.expires_after(wake <= now ? Duration{0} : wake - now);  // it may be kLongAgo
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // set anew, or the end
    watched_ = kNever;
    gate_.check(parts_.now());
    watch();
  });
}

bool Keeper::close(Duration within) {
  closed_ = true;
  timer_.cancel();
  return writer_.close(within);
}

}  // namespace trainstop::service
