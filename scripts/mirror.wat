;; Turns each row of a plane of bytes around, in place.
(module
  (memory (export "memory") 1)
  (func (export "mirrorPlane") (param $at i32) (param $width i32) (param $height i32)
    (local $left i32) (local $right i32) (local $a v128) (local $b v128) (local $byte i32) (local $around v128)
    ;; A shuffle with the order written into it would cost a third more: engines load that order again each time.
    (local.set $around (v128.const i8x16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0))
    (block $done
      (loop $row
        (br_if $done (i32.eqz (local.get $height)))
        (local.set $left (local.get $at))
        (local.set $right (i32.add (local.get $at) (local.get $width)))
        ;; 16 bytes from each end, swapped and turned around, while that many are left; the two blocks
        ;; may overlap, because both are read before either is written.
        (block $few
          (loop $blocks
            (br_if $few (i32.lt_s (i32.sub (local.get $right) (local.get $left)) (i32.const 16)))
            (local.set $right (i32.sub (local.get $right) (i32.const 16)))
            (local.set $a (v128.load align=1 (local.get $left)))
            (local.set $b (v128.load align=1 (local.get $right)))
            (v128.store align=1 (local.get $left)
              (i8x16.swizzle (local.get $b) (local.get $around)))
            (v128.store align=1 (local.get $right)
              (i8x16.swizzle (local.get $a) (local.get $around)))
            (local.set $left (i32.add (local.get $left) (i32.const 16)))
            (br $blocks)))
        (block $none
          (loop $bytes
            (local.set $right (i32.sub (local.get $right) (i32.const 1)))
            (br_if $none (i32.ge_s (local.get $left) (local.get $right)))
            (local.set $byte (i32.load8_u (local.get $left)))
            (i32.store8 (local.get $left) (i32.load8_u (local.get $right)))
            (i32.store8 (local.get $right) (local.get $byte))
            (local.set $left (i32.add (local.get $left) (i32.const 1)))
            (br $bytes)))
        (local.set $at (i32.add (local.get $at) (local.get $width)))
        (local.set $height (i32.sub (local.get $height) (i32.const 1)))
        (br $row)))))
