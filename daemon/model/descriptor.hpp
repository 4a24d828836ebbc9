// A file descriptor that is closed on every way out.
#pragma once

#include <unistd.h>

#include <utility>

namespace trainstop {

class Descriptor {
 public:
  /// Negative: none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  /// It is somebody else's to close.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

}  // namespace trainstop
