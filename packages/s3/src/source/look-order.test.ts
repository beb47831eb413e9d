import { describe, expect, test } from "vitest";
import { LookOrder } from "./look-order.ts";

describe("a page and a look at one of its keys have crossed when", () => {
  test("the look was under way at the end of the page", () => {
    const order = new LookOrder();
    order.beginLook("a");
    const page = order.beginPage();
    expect(order.endPage(page, ["a", "b"])).toEqual(new Set(["a"]));
  });

  test("the look ended while the page was under way", () => {
    const order = new LookOrder();
    const page = order.beginPage();
    order.beginLook("a");
    order.endLook("a");
    expect(order.endPage(page, ["a", "b"])).toEqual(new Set(["a"]));
  });
});

describe("they have not when", () => {
  test("the look ended before the page began, also beside an older page", () => {
    const order = new LookOrder();
    const older = order.beginPage();
    order.beginLook("a");
    order.endLook("a");
    const page = order.beginPage();
    expect(order.endPage(page, ["a"])).toEqual(new Set());
    expect(order.endPage(older, ["a"])).toEqual(new Set(["a"]));
    expect(order.endPage(order.beginPage(), ["a"])).toEqual(new Set());
  });

  test("the look began after the page had ended", () => {
    const order = new LookOrder();
    const page = order.beginPage();
    expect(order.endPage(page, ["a"])).toEqual(new Set());
    order.beginLook("a");
    order.endLook("a");
  });
});
