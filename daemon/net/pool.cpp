#include "net/pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace trainstop::net {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

// Servers commonly close an idle connection after 60 s or more; leaving first avoids their race.
constexpr std::chrono::seconds kLongestIdle{50};

}  // namespace

Lease::Lease(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {
  pool_->leases_.insert(this);
}

Lease::~Lease() {
  pool_->leases_.erase(this);
  connection.reset();
  pool_->give_back();
}

bool Lease::take_kept() {
  pool_->drop_stale();
  if (pool_->kept_.empty()) return false;
  connection = std::move(pool_->kept_.back());
  pool_->kept_.pop_back();
  return true;
}

void Lease::keep() {
  if (!connection || pool_->closed_) return;
  connection->idle_since = steady_clock::now();
  pool_->kept_.push_back(std::move(connection));
}

struct Pool::InLine {
  InLine(Pool& p, Waiter& w) : pool(p), waiter(w), place(pool.line_.insert(pool.line_.end(), &w)) {}
  ~InLine() {
    if (!waiter.granted) {
      pool.line_.erase(place);
    } else if (!is_used) {
      pool.give_back();
    }
  }
  InLine(const InLine&) = delete;
  InLine& operator=(const InLine&) = delete;

  Pool& pool;
  Waiter& waiter;
  std::list<Waiter*>::iterator place;
  bool is_used = false;
};

Pool::Pool(asio::any_io_executor executor, int limit)
    : executor_(std::move(executor)), limit_(limit) {}

std::unique_ptr<Lease> Pool::try_lease() {
  if (closed_ || in_use_ >= limit_ || !line_.empty()) return nullptr;
  ++in_use_;
  return std::make_unique<Lease>(shared_from_this());
}

asio::awaitable<std::unique_ptr<Lease>> Pool::lease(Deadline deadline) {
  if (auto free = try_lease()) co_return free;
  if (closed_) co_return nullptr;
  Waiter waiter(executor_);
  InLine in_line(*this, waiter);
  waiter.timer.expires_at(deadline.at);
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  // A place that came together with the deadline or a cancellation goes to the next.
  if (!waiter.granted || closed_) co_return nullptr;
  in_line.is_used = true;
  co_return std::make_unique<Lease>(shared_from_this());
}

void Pool::give_back() {
  --in_use_;
  if (line_.empty() || closed_) return;
  ++in_use_;
  Waiter* const next = line_.front();
  line_.pop_front();
  next->granted = true;
  next->timer.cancel();
}

void Pool::drop_stale() {
  const auto oldest = steady_clock::now() - kLongestIdle;
  std::erase_if(kept_, [oldest](const auto& connection) {
    return connection->idle_since < oldest || !connection->is_alive();
  });
}

void Pool::close() {
  closed_ = true;
  kept_.clear();
  for (Lease* const lease : leases_) {
    if (lease->connection) lease->connection->close();
  }
  for (Waiter* const waiter : line_) waiter->timer.cancel();
}

}  // namespace trainstop::net
