#include "proof/digest.hpp"

#include <bit>

namespace trainstop::proof {

namespace {

class Digest {
 public:
  explicit Digest(std::uint64_t state) : state_(state) {}
  std::uint64_t value() const { return state_; }

  void add(std::uint64_t number) {
    state_ = (state_ ^ number) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 29;
  }
  void add(const std::string& text) {
    for (const char c : text) {
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    add(text.size());
  }
  void add(const Value& value) {
    add(value.data.index());
    std::visit([this](const auto& data) { add_data(data); }, value.data);
  }
  void add(const Value::Object& fields) {
    for (const auto& [name, value] : fields) {
      add(name);
      add(value);
    }
  }

 private:
  void add_data(bool data) { add(std::uint64_t{data}); }
  void add_data(std::int64_t data) { add(static_cast<std::uint64_t>(data)); }
  void add_data(double data) { add(std::bit_cast<std::uint64_t>(data)); }
  void add_data(const std::string& data) { add(data); }
  void add_data(Money data) { add(static_cast<std::uint64_t>(data.nano())); }
  void add_data(Duration data) { add(static_cast<std::uint64_t>(data.count())); }
  void add_data(Instant data) { add(static_cast<std::uint64_t>(data.time_since_epoch().count())); }
  void add_data(const Value::Array& data) {
    for (const Value& value : data) add(value);
    add(data.size());
  }
  void add_data(const Value::Object& data) {
    add(data);
    add(data.size());
  }

  std::uint64_t state_;
};

}  // namespace

std::uint64_t digest_of(const core::Batch& batch, std::uint64_t before) {
  Digest digest(before);
  digest.add(batch.number);
  for (const Event& event : batch.records) {
    digest.add(event.name);
    digest.add(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    digest.add(event.message);
    digest.add(event.fields);
  }
  for (const Image& image : batch.images) {
    digest.add(static_cast<std::uint64_t>(image.kind));
    digest.add(image.key);
    digest.add(image.body);
  }
  for (const core::Act& act : batch.acts) {
    digest.add(act.index());
    std::visit(
        [&](const auto& a) {
          if constexpr (requires { a.request; }) digest.add(a.request);
          if constexpr (requires { a.job_id; }) digest.add(a.job_id);
        },
        act);
  }
  digest.add(static_cast<std::uint64_t>(batch.wake.time_since_epoch().count()));
  return digest.value();
}

}  // namespace trainstop::proof
