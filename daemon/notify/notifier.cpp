#include "notify/notifier.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "notify/fields.hpp"
#include "notify/image.hpp"
#include "notify/message.hpp"

namespace trainstop::notify {

namespace asio = boost::asio;

namespace {

constexpr const char* kHeartbeat = "heartbeat";

Failure named(const std::string& what, Failure failure) {
  failure.message = what + ": " + failure.message;
  return failure;
}

std::string secret(const std::map<std::string, std::string>& secrets, const std::string& name) {
  const auto found = secrets.find(name);
  return found == secrets.end() ? std::string() : found->second;
}

}  // namespace

Notifier::Notifier(asio::any_io_executor executor, Hooks hooks)
    : executor_(executor), hooks_(std::move(hooks)), router_(policy::Config{}), timer_(executor) {}

Notifier::~Notifier() {
  close();
}

std::shared_ptr<net::Resolver> Notifier::resolver() {
  if (!resolver_) resolver_ = net::make_resolver(executor_);
  return resolver_;
}

Result<std::shared_ptr<Sender>> Notifier::make_sender(const Sink& sink) {
  if (sink.about.format == policy::NotifySink::Format::exec) {
    return make_exec_sender(executor_, sink.about.exec);
  }
  WebOptions options;
  options.url = sink.url;
  if (sink.about.hmac) options.hmac = sink.hmac;
  auto sender = make_web_sender(executor_, resolver(), std::move(options));
  if (sender.has_error()) return named("notify '" + sink.about.name + "'", sender.error());
  return sender;
}

Result<std::shared_ptr<Notifier::Beat>> Notifier::make_beat(const policy::Config& config,
                                                            const Secrets& secrets) {
  if (!config.heartbeat) return std::shared_ptr<Beat>();
  WebOptions options;
  options.url = secrets.heartbeat.value_or("");
  const Duration every = config.heartbeat->every;
  if (beat_ && beat_->url == options.url && beat_->every == every) return beat_;
  options.get = true;
  options.connections = 1;
  const std::string url = options.url;
  auto sender = make_web_sender(executor_, resolver(), std::move(options));
  if (sender.has_error()) return named(kHeartbeat, sender.error());
  const std::size_t accounts = accounts_.value_or(config.accounts.size());
  return std::make_shared<Beat>(
      Beat{url, every, std::move(sender).value(), Heartbeat(every, accounts), Trouble(kHeartbeat)});
}

/// A sender costs some ten milliseconds, which a stop may not have: it is made anew only when it
/// must be.
bool Notifier::goes_the_same_way(const Sink& a, const Sink& b) {
  return a.about.format == b.about.format && a.about.exec == b.about.exec && a.url == b.url &&
         a.hmac == b.hmac;
}

Result<void> Notifier::configure(const policy::Config& config, const Secrets& secrets) {
  std::map<std::string, Sink> sinks;
  for (const policy::NotifySink& about : config.notify) {
    Sink sink{about, secret(secrets.urls, about.name), secret(secrets.hmacs, about.name), {}, {}};
    const auto before = sinks_.find(about.name);
    if (before != sinks_.end()) sink.outbox = before->second.outbox;
    if (!sink.outbox) sink.outbox = std::make_shared<Outbox>(about.name, hooks_.random);
    if (before != sinks_.end() && goes_the_same_way(sink, before->second)) {
      sink.sender = before->second.sender;
    } else {
      auto sender = make_sender(sink);
      if (sender.has_error()) return sender.error();
      sink.sender = std::move(sender).value();
    }
    sinks[about.name] = std::move(sink);
  }
  auto beat = make_beat(config, secrets);
  if (beat.has_error()) return beat.error();
  beat_ = std::move(beat).value();
  accounts_ = accounts_.value_or(config.accounts.size());
  // An old sender ends when nothing of it is under way any more.
  const auto old = std::exchange(sinks_, std::move(sinks));
  for (const auto& [name, sink] : old) {
    if (!sinks_.contains(name)) close_images(name, sink.outbox->waiting());
  }
  router_ = Router(config);
  people_ = config.people;
  pump_soon();
  return {};
}

void Notifier::recall(const std::vector<Image>& images) {
  for (const Image& image : images) {
    if (image.kind != Image::Kind::outbox) continue;
    const auto recalled = notify::recall(image);
    const auto sink = recalled ? sinks_.find(recalled->sink) : sinks_.end();
    if (sink == sinks_.end()) {
      for (Image& closed : closing(image.key)) hooks_.keep(std::move(closed));
      continue;
    }
    const Duration age = std::max(hooks_.utc() - recalled->event->at, Duration{0});
    close_images(recalled->sink, sink->second.outbox->recall(recalled->seq, recalled->event,
                                                             saturating_add(hooks_.now(), -age)));
  }
  pump_soon();
}

std::vector<Image> Notifier::route(const Event& event, std::uint64_t seq) {
  std::vector<Image> images;
  std::shared_ptr<const Event> shared;
  for (const std::string& name : router_.route(event)) {
    if (!shared) shared = std::make_shared<const Event>(event);
    bool stays = true;
    for (const auto dropped : sinks_.at(name).outbox->add(seq, shared, hooks_.now())) {
      stays = stays && dropped != seq;
      if (dropped == seq) continue;
      for (Image& closed : closing(key_of(name, dropped))) images.push_back(std::move(closed));
    }
    if (stays) images.push_back(image_of(name, seq, event));
  }
  return images;
}

void Notifier::release(const Event& event, std::uint64_t seq) {
  std::shared_ptr<const Event> shared;
  for (const auto& [name, sink] : sinks_) {
    if (!sink.outbox->waits(seq)) continue;
    if (!shared) shared = std::make_shared<const Event>(event);
    sink.outbox->release(seq, shared);
  }
  if (shared) pump_soon();
}

/// Later, so that nothing is sent or told from within a call of the journal's gate.
void Notifier::pump_soon() {
  if (closed_ || std::exchange(pump_waits_, true)) return;
  asio::post(executor_, [this, alive = std::weak_ptr<char>(alive_)] {
    if (!alive.expired()) pump();
  });
}

void Notifier::pump() {
  pump_waits_ = false;
  if (closed_) return;
  Instant wake = kNever;
  for (const auto& [name, sink] : sinks_) {
    while (const auto attempt = sink.outbox->next(hooks_.now())) send(sink, *attempt);
    tell_trouble(sink.outbox->trouble(), sink.outbox->size());
    wake = std::min(wake, sink.outbox->wake());
  }
  if (wake == kNever) return;
  timer_.expires_after(std::max(wake - hooks_.now(), Duration{0}));
  timer_.async_wait(
      [this, alive = std::weak_ptr<char>(alive_)](const boost::system::error_code& error) {
        if (!error && !alive.expired()) pump();
      });
}

void Notifier::send(const Sink& sink, const Outbox::Attempt& attempt) {
  Message message = message_of(sink.about, *attempt.event, attempt.seq, people_, hooks_.utc());
  // The sender is held until its answer: a reload must not end what is under way.
  sink.sender->send(
      std::move(message),
      [this, alive = std::weak_ptr<char>(alive_), sender = sink.sender, name = sink.about.name,
       outbox = sink.outbox, seq = attempt.seq](const Sent& result) {
        if (!alive.expired()) sent(name, outbox, seq, result);
      });
}

void Notifier::sent(const std::string& name, const std::shared_ptr<Outbox>& outbox, Outbox::Seq seq,
                    const Sent& result) {
  const auto over = outbox->done(seq, result, hooks_.now());
  const auto sink = sinks_.find(name);
  if (closed_ || sink == sinks_.end() || sink->second.outbox != outbox) return;
  close_images(name, over);
  pump_soon();
}

void Notifier::close_images(const std::string& sink, const std::vector<Outbox::Seq>& numbers) {
  for (const auto number : numbers) {
    for (Image& image : closing(key_of(sink, number))) hooks_.keep(std::move(image));
  }
}

void Notifier::tell_trouble(Trouble& trouble, std::size_t waiting) {
  if (auto event = trouble.take(hooks_.now(), hooks_.utc(), waiting)) {
    hooks_.tell(std::move(*event));
  }
}

void Notifier::polled(AccountIndex account) {
  if (closed_ || !beat_ || !beat_->when.polled(account, hooks_.now())) return;
  beat_->sender->send(
      Message{}, [this, alive = std::weak_ptr<char>(alive_), beat = beat_](const Sent& result) {
        const bool delivered = result.outcome == Sent::Outcome::delivered;
        beat->when.done(delivered);
        if (alive.expired() || closed_) return;
        if (delivered) {
          beat->trouble.delivered();
        } else {
          beat->trouble.failed(result.problem, hooks_.now());
        }
        tell_trouble(beat->trouble, 0);
      });
}

bool Notifier::test(const std::optional<std::string>& only,
                    std::function<void(std::vector<Tested>)> done) {
  if (closed_ || (only && !sinks_.contains(*only)) || sinks_.empty()) return false;
  struct Round {
    std::vector<Tested> answers;
    std::size_t missing = 0;
    std::function<void(std::vector<Tested>)> done;
  };
  const auto round = std::make_shared<Round>();
  round->done = std::move(done);
  const Event event = test_event(hooks_.utc());
  for (const auto& [name, sink] : sinks_) {
    if (only && *only != name) continue;
    const std::size_t index = round->missing++;
    round->answers.push_back({name, false, {}});
    Message message = message_of(sink.about, event, 0, people_, event.at);
    sink.sender->send(std::move(message), [round, index, sender = sink.sender](const Sent& result) {
      Tested& answer = round->answers[index];
      answer.delivered = result.outcome == Sent::Outcome::delivered;
      answer.problem = result.problem;
      if (--round->missing == 0) round->done(std::move(round->answers));
    });
  }
  return true;
}

bool Notifier::idle() const {
  return !pump_waits_ && std::all_of(sinks_.begin(), sinks_.end(), [](const auto& each) {
    return each.second.outbox->under_way() == 0;
  });
}

void Notifier::close() {
  closed_ = true;
  timer_.cancel();
  for (const auto& [name, sink] : sinks_) sink.sender->close();
  if (beat_) beat_->sender->close();
}

}  // namespace trainstop::notify
