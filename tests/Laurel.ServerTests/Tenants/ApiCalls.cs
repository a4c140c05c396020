namespace Laurel.ServerTests.Tenants;

/// <summary>Every operation of the API, asked for well about the things that <see cref="TenantThings"/> makes. What a new endpoint is asked
/// with is added here.</summary>
/// <remarks>In an order in which their owner can carry them out one after the other: what removes something comes last.</remarks>
internal static partial class ApiCalls
{
    private const string Move = """ "memberId":"<member>","reason":"r","referenceType":"test","referenceId":"<new>" """;
    private const string Of = """ "memberId":"<member>","reference":"<new>" """;
    private const string Names = """ "nameEnglish":"N","nameChinese":"名" """;
    private const string Lines = """ "lines":[{"lineId":"a","sku":"s","quantity":1,"amount":20000}] """;

    public const string Address = """
        {"name":"Li Wei","phone":"13800138000","province":"广东省","city":"深圳市","district":"南山区","address":"1 Long Lane"}
        """;

    public const string Tag = """{"nameEnglish":"Wine","nameChinese":"酒","kind":"group"}""";

    public const string Filter = """{"name":"Frozen","filter":{"status":"frozen","sort":"-registered"}}""";

    public static IReadOnlyList<ApiCall> All { get; } =
    [
        .. OfTheInstallation(), .. OfMembers(), .. OfPersons(), .. OfFinding(), .. OfPoints(), .. OfLots(), .. OfParts(), .. OfCoupons(), .. OfCheckouts(), .. OfLevels(),
        .. OfMoney(), .. OfReports(), .. OfBenefits(), .. OfCards(), .. OfWatch(), .. OfWebhooks(), .. OfPeople(), .. OfUsers(), .. OfForgetting(), .. OfRemovals(),
    ];

    private static ApiCall Get(string path) => new("GET", path);

    private static ApiCall Post(string path, string body = "{}") => new("POST", path, body);

    private static ApiCall Put(string path, string body) => new("PUT", path, body);

    /// <summary>About the caller's own tenant, or about nobody.</summary>
    private static ApiCall[] Answered(params ApiCall[] calls) => [.. calls.Select(call => call with { MayBeAnswered = true })];

    private static ApiCall[] OnlyPlatform(params ApiCall[] calls) => [.. calls.Select(call => call with { Owner = "403 PLATFORM_ONLY" })];

    private static IEnumerable<ApiCall> OfTheInstallation() =>
    [
        .. Answered(
            Get("/health"), Get("/ready"), Get("/.well-known/jwks.json"), Get("/schemas/events"),
            Get("/schemas/events/<eventType>.json") with { Owner = "404 NOT_FOUND" },
            Get("/api/features?subject=<member>"), Get("/api/audit?memberId=<member>"), Get("/api/audit/export"),
            Get("/files/<file>") with { Owner = "404 NOT_FOUND" }),
        .. OnlyPlatform(
            Get("/metrics"), Post("/api/auth/keys/rotate"), Get("/api/admin/read-only"), Post("/api/admin/read-only", """{"on":true,"reason":"r"}"""),
            Get("/api/tenants"), Get("/api/tenants/<tenant>"), Post("/api/tenants", """{"code":"<new>","name":"N"}"""),
            Put("/api/tenants/<tenant>", """{"name":"N"}"""), Post("/api/tenants/<tenant>/suspend", """{"reason":"r"}"""), Post("/api/tenants/<tenant>/resume")),
        Post("/dapr/events", """{"specversion":"1.0","id":"<new>","source":"s","type":"order.completed","tenant":"<tenant>","data":{}}""")
            with { Owner = "401 UNAUTHORIZED" },
    ];

    private static IEnumerable<ApiCall> OfPoints() =>
    [
        Post("/api/points/earn", $$"""{"points":5,{{Move}}}"""),
        Post("/api/points/earn", """{"externalId":"<externalId>","points":5,"reason":"r","referenceType":"test","referenceId":"<new>"}"""),
        Post("/api/points/spend", $$"""{"points":5,{{Move}}}"""),
        Post("/api/points/hold", $$"""{"points":5,{{Move}}}"""),
        Post("/api/points/adjust", $$"""{"points":5,{{Move}}}"""),
        Post("/api/points/capture", """{"holdId":"<hold>","points":1,"reference":"<new>"}"""),
        Post("/api/points/release", """{"holdId":"<hold>","points":1,"reference":"<new>"}"""),
        Post("/api/points/transfer", """{"from":{"memberId":"<member>"},"to":{"memberId":"<mine>"},"points":1,"reason":"r","reference":"<new>"}"""),
        Post("/api/points/transfer", """{"from":{"memberId":"<mine>"},"to":{"memberId":"<member>"},"points":1,"reason":"r","reference":"<new>"}"""),
        Post("/api/points/to-balance", $$"""{"points":100,{{Move}}}"""),
        Post("/api/points/from-balance", $$"""{"points":100,{{Move}}}"""),
        Get("/api/members/<member>/points"),
        Get("/api/members/<member>/points?asOf=2100-01-01T00:00:00Z"),
        Get("/api/points/records/<entry>/explain"),
        Get("/api/points/adjustments/<request>"),
        Post("/api/points/adjustments/<request>/approve", """{"reason":"r"}""") with { Owner = "403 APPROVER_NOT_ANOTHER" },
        Post("/api/points/adjustments/<request>/reject", """{"reason":"r"}"""),
        Get("/api/orders/<order>/returns"),
        Post("/api/units/earn", $$"""{"unit":"<unit>","amount":1,{{Move}}}"""),
        Post("/api/units/spend", $$"""{"unit":"<unit>","amount":1,{{Move}}}"""),
        Post("/api/units/adjust", $$"""{"unit":"<unit>","amount":1,"operator":"o",{{Move}}}"""),
        Get("/api/members/<member>/units"),
        .. Answered(
            Get("/api/points/records?memberId=<member>"), Get("/api/points/records?memberId=<mine>"), Get("/api/points/adjustments"),
            Get("/api/points/adjustments?memberId=<member>"),
            Post("/api/points/earn/batch", $$"""[{"points":5,{{Move}}}]"""),
            Post("/api/events", Event("order.completed", """ "orderId":"<new>","memberId":"<member>","currency":"CNY","amount":100 """)),
            Post("/api/events", Event("order.completed", """ "orderId":"<order>","memberId":"<mine>","currency":"CNY","amount":100 """)),
            Post("/api/events", Event("order.refunded", """ "orderId":"<order>","refundId":"<new>","amount":1 """)),
            Post("/api/events", Event("order.completed", """ "orderId":"<new>","memberId":"<mine>","currency":"CNY","amount":100 """))
                with { MediaType = "application/cloudevents+json" }),
    ];

    private static string Event(string type, string data) =>
        $$"""{"specversion":"1.0","id":"<new>","source":"matrix","type":"{{type}}","data":{ {{data}} } }""";

    private static IEnumerable<ApiCall> OfLots() =>
    [
        Post("/api/points/lots/<lot>/activate", """{"memberId":"<member>","reason":"r"}"""),
        Post("/api/points/lots/<lot>/activate", """{"memberId":"<mine>","reason":"r"}"""),
        Post("/api/points/lots/<lot>/cancel", """{"memberId":"<member>","reason":"r"}"""),
        Post("/api/points/lots/extend", $$"""{"lotIds":["<lot>"],"days":5,"reason":"r","operator":"o",{{Of}}}"""),
        Post("/api/points/reinstate", $$"""{"windowDays":5,"reason":"r",{{Of}}}"""),
    ];

    /// <summary>The parts of a programme, each with its code.</summary>
    private static IEnumerable<ApiCall> OfParts()
    {
        var parts = new (string Path, string Name, string Body)[]
        {
            ("/api/points/rules", "rule", Rule("<rule>")),
            ("/api/coupons/templates", "template", Template("<template>")),
            ("/api/benefits", "benefit", Benefit("<benefit>")),
            ("/api/cards", "card", Card("<card>")),
            ("/api/watch/rules", "watch", Watch("<watch>")),
        };
        foreach (var (path, name, body) in parts)
        {
            yield return Get(path) with { MayBeAnswered = true };
            yield return Get($"{path}/<{name}>");
            yield return Get($"{path}/<{name}>/history");
            yield return Put($"{path}/<{name}>", body);
            yield return Post($"{path}/<{name}>/disable");
            yield return Post($"{path}/<{name}>/enable");
            yield return Post(path, body.Replace($"<{name}>", "<new>", StringComparison.Ordinal)) with { MayBeAnswered = true };
        }

        foreach (var call in Answered(
            Get("/api/programme"), Get("/api/programme?version=1"), Put("/api/programme", "<programme>"), Get("/api/programme/versions"),
            Post("/api/programme/diff", "<programme>"),
            Post("/api/programme/carryover/preview", "<programme>")))
        {
            yield return call;
        }

        yield return Post(
            "/api/points/rules/preview",
            """
            {"event":{"specversion":"1.0","id":"<new>","source":"s","type":"order.completed",
            "data":{"orderId":"x","memberId":"<member>","currency":"CNY","amount":100}}}
            """);
    }

    private static string Rule(string code) =>
        $$"""{"code":"{{code}}",{{Names}},"trigger":"order.completed","unit":"points","amount":{"fixed":1},"active":false}""";

    private static string Template(string code) => $$"""
        {"code":"{{code}}",{{Names}},"terms":{"kind":"amountOff","threshold":0,"amount":100,"stackable":true,"transferable":true},
        "validity":{"days":30},"claimable":true}
        """;

    private static string Benefit(string code) => $$"""{"code":"{{code}}",{{Names}},"kind":"priority_service"}""";

    private static string Card(string code) => $$"""{"code":"{{code}}",{{Names}},"price":100,"period":"P1M","package":"premium"}""";

    private static string Watch(string code) => $$"""
        {"code":"{{code}}",{{Names}},"trigger":"spend","measure":"count","threshold":2,"action":"hold","window":{"unit":"hour","length":24},"active":false}
        """;

    private static IEnumerable<ApiCall> OfCoupons() =>
    [
        Post("/api/coupons/claim", $$"""{"template":"<template>",{{Of}}}"""),
        Post("/api/coupons/claim", """{"template":"<template>","memberId":"<mine>","reference":"<new>"}"""),
        Post("/api/coupons/issue", $$"""{"template":"<template>","reason":"r",{{Of}}}"""),
        Post("/api/coupons/lock", $$"""{"couponIds":["<coupon>"],"orderId":"<new>",{{Of}}}"""),
        Post("/api/coupons/lock", """{"couponIds":["<coupon>"],"orderId":"<new>","memberId":"<mine>","reference":"<new>"}""") with { Owner = "404 COUPON_NOT_FOUND" },
        Post("/api/coupons/release", $$"""{"couponIds":["<coupon>"],"orderId":"<new>",{{Of}}}"""),
        Post("/api/coupons/use", $$"""{"coupons":[{"couponId":"<coupon>","discount":1}],"orderId":"<new>",{{Of}}}"""),
        Post("/api/coupons/return", $$"""{"couponIds":["<coupon>"],"orderId":"<new>",{{Of}}}"""),
        Post("/api/coupons/gift", """{"from":{"memberId":"<member>"},"to":{"memberId":"<mine>"},"couponId":"<gift>","reference":"<new>"}"""),
        Post("/api/coupons/share", $$"""{"couponIds":["<shared>"],{{Of}}}"""),
        Post("/api/coupons/share/claim", """{"memberId":"<mine>","token":"<share>"}"""),
        Post("/api/coupons/share/revoke", """{"memberId":"<member>","token":"<share>"}"""),
        Post("/api/coupons/redeem", """{"memberId":"<mine>","code":"<code>"}"""),
        Post("/api/coupons/redeem", """{"memberId":"<member>","code":"<code>"}"""),
        Post("/api/coupons/revoke", $$"""{"couponIds":["<coupon>"],"reason":"r",{{Of}}}"""),
        Get("/api/members/<member>/coupons"),
        Get("/api/coupons/templates/<template>/batches") with { MayBeAnswered = true },
        Post("/api/coupons/templates/<template>/batches", """{"count":1,"reference":"<new>"}"""),
        Post("/api/coupons/templates/<template>/codes", """{"codes":["MATRIX-<new>-CODE"],"reference":"<new>"}"""),
        Get("/api/coupons/batches/<batch>"),
        new("POST", "/api/coupons/batches/<batch>/codes"),
    ];

    private static IEnumerable<ApiCall> OfCheckouts() =>
    [
        Post("/api/quote", $$"""{"memberId":"<member>",{{Lines}}}"""),
        Post("/api/quote", $$"""{"memberId":"<mine>","coupons":["<spare>"],{{Lines}}}""") with { MayBeAnswered = true },
        Post("/api/checkouts", $$"""{"checkoutId":"<new>","memberId":"<member>","payable":20000,{{Lines}}}"""),
        Get("/api/checkouts/<checkout>"),
        Post("/api/checkouts/<cancelled>/cancel"),
        Post("/api/checkouts/<checkout>/confirm"),
        Post("/api/checkouts/<checkout>/complete"),
        Post("/api/checkouts/<checkout>/refund/preview", """{"refundId":"<new>"}"""),
        Post("/api/checkouts/<checkout>/refund", """{"refundId":"<new>"}"""),
    ];

    private static IEnumerable<ApiCall> OfLevels() =>
    [
        .. Answered(Get("/api/levels"), Get("/api/tracks")),
        Put("/api/levels/<level>", Level("<level>", 90_000_000)),
        Post("/api/levels", Level("<new>", 95_000_000)) with { MayBeAnswered = true },
        Post("/api/levels/<level>/disable"),
        Post("/api/levels/<level>/enable"),
        Get("/api/members/<member>/level"),
        Post("/api/members/<member>/level", """{"level":"<level>","reason":"r","operator":"o"}"""),
        Post("/api/members/<mine>/level", """{"level":"<level>","reason":"r","operator":"o"}"""),
        Post("/api/members/<member>/level/release", """{"reason":"r","operator":"o"}"""),
        Post("/api/members/<member>/level/history", """{"operator":"o","changes":[{"level":"<level>","time":"2020-01-01T00:00:00Z"}]}"""),
        Get("/api/members/<member>/tracks"),
        Get("/api/members/<member>/tracks/<track>"),
        Post("/api/members/<member>/tracks/<track>", """{"level":"<trackLevel>","reason":"r","operator":"o"}"""),
        Post("/api/members/<member>/tracks/<track>/release", """{"reason":"r","operator":"o"}"""),
        Post("/api/members/<member>/tracks/<track>/history", """{"operator":"o","changes":[{"level":"<trackLevel>","time":"2020-01-01T00:00:00Z"}]}"""),
        Post("/api/tracks/<track>/levels", TrackLevel("<new>", 1_800)),
        Put("/api/tracks/<track>/levels/<trackLevel>", TrackLevel("<trackLevel>", 900)),
        Post("/api/tracks/<track>/levels/<trackLevel>/disable"),
        Post("/api/tracks/<track>/levels/<trackLevel>/enable"),
    ];

    private static string Level(string code, long threshold) =>
        $$"""{"code":"{{code}}",{{Names}},"threshold":{{threshold}},"multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0}""";

    private static string TrackLevel(string code, long threshold) => $$"""
        {"code":"{{code}}",{{Names}},"threshold":{{threshold}},"multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0,"package":null}
        """;

    private static IEnumerable<ApiCall> OfMoney() =>
    [
        Post("/api/balance/adjust", $$"""{"amount":5,"operator":"o",{{Move}}}"""),
        Post("/api/balance/spend", $$"""{"amount":5,{{Move}}}"""),
        Post("/api/balance/refund", """
            {"spendReferenceType":"test","spendReferenceId":"<spend>","amount":1,"reason":"r","referenceType":"test","referenceId":"<new>"}
            """),
        Post("/api/balance/recharges", """{"memberId":"<member>","amount":5}"""),
        Get("/api/balance/recharges/<recharge>"),
        Post("/api/balance/recharges/<recharge>/paid", """{"amount":5,"providerReference":"<new>"}""") with { Owner = "401 SIGNATURE_INVALID" },
        Post("/api/balance/recharges/<recharge>/refund", """{"refundId":"<new>","amount":1,"reason":"r","operator":"o"}"""),
        Post("/api/balance/withdrawals", """{"memberId":"<member>","amount":1,"destination":"card"}"""),
        Get("/api/balance/withdrawals/<withdrawal>"),
        Post("/api/balance/withdrawals/<withdrawal>/paid", """{"providerReference":"p"}"""),
        Post("/api/balance/withdrawals/<withdrawal>/failed", """{"reason":"r"}"""),
        Post("/api/balance/withdrawals/<withdrawal>/result", """{"status":"paid"}""") with { Owner = "401 SIGNATURE_INVALID" },
        new("POST", "/api/balance/withdrawals/<withdrawal>/approve"),
        Post("/api/balance/withdrawals/<withdrawal>/reject", """{"reason":"r"}"""),
        Get("/api/balance/<member>"),
        Get("/api/balance/<member>/statement"),
        .. Answered(
            Get("/api/balance/recharges"), Get("/api/balance/recharges?memberId=<member>"), Get("/api/balance/withdrawals"),
            Get("/api/balance/withdrawals?memberId=<member>"), Get("/api/balance/reconciliation?date=2026-01-01")),
    ];

    private static IEnumerable<ApiCall> OfReports() => Answered(
        Get("/api/finance/days"), Get("/api/finance/liability"), Get("/api/finance/expiring"), Get("/api/finance/extensions"),
        Get("/api/finance/cohorts"), Get("/api/finance/deferrals"), Get("/api/finance/journal"));

    private static IEnumerable<ApiCall> OfBenefits() =>
    [
        .. Answered(Get("/api/benefits/packages")),
        Put("/api/benefits/packages/<package>", $$"""{"code":"<package>",{{Names}},"benefits":["<benefit>"]}"""),
        Post("/api/benefits/<benefit>/consume", """{"bizNo":"<new>","memberId":"<member>"}"""),
        Post("/api/benefits/<benefit>/return", """{"bizNo":"<use>"}"""),
        Post("/api/benefits/grants", """{"memberId":"<member>","code":"<benefit>","reference":"<new>","reason":"r","operator":"o"}"""),
        Post("/api/benefits/grants", """{"memberId":"<mine>","code":"<benefit>","reference":"<new>","reason":"r","operator":"o"}"""),
        Post("/api/benefits/grants/revoke", """{"memberId":"<member>","code":"<benefit>","reference":"<grant>"}"""),
        Get("/api/members/<member>/benefits"),
        Get("/api/members/<member>/benefits/<benefit>/eligibility"),
        Get("/api/members/<member>/benefits/uses"),
        Get("/api/members/<member>/benefits/grants"),
        Get("/api/members/<member>/can-access?feature=lounge"),
        Get("/api/benefits/<benefit>/usage"),
        Post("/api/benefits/discount", """{"memberId":"<member>","amount":100}"""),
    ];

    private static IEnumerable<ApiCall> OfCards() =>
    [
        .. Answered(Get("/api/cards/statistics")),
        Get("/api/members/<member>/memberships"),
        Post("/api/members/<member>/memberships", """{"reference":"<new>","card":"<card>"}"""),
        Post("/api/members/<mine>/memberships", """{"reference":"<new>","card":"<card>"}"""),
        Post("/api/members/<member>/memberships/cancel", """{"card":"<card>"}"""),
        Post("/api/members/<member>/memberships/refund", """{"reference":"<purchase>"}"""),
    ];

    private static IEnumerable<ApiCall> OfWatch() =>
    [
        .. Answered(Get("/api/watch/cases"), Get("/api/watch/cases?memberId=<member>"), Get("/api/watch/cases?rule=<watch>")),
        Post("/api/watch/rules/<watch>/replay"),
        Get("/api/watch/cases/<case>"),
        Post("/api/watch/cases/<case>/assign", """{"assignee":"a","note":"n"}"""),
        Post("/api/watch/cases/<case>/release", """{"note":"n"}"""),
        Post("/api/watch/cases/<case>/confirm", """{"note":"n"}"""),
    ];

    private static IEnumerable<ApiCall> OfWebhooks() =>
    [
        .. Answered(Get("/api/webhooks"), Post("/api/webhooks", """{"url":"http://127.0.0.1:1024/<new>","enabled":false}""")),
        Get("/api/webhooks/<hook>"),
        new("PATCH", "/api/webhooks/<hook>", """{"description":"d"}"""),
        Post("/api/webhooks/<hook>/rotate-secret"),
        Post("/api/webhooks/<hook>/resend", """{"from":"2026-01-01T00:00:00Z"}"""),
        new("POST", "/api/webhooks/<hook>/test"),
        Get("/api/webhooks/<hook>/deliveries"),
        Get("/api/webhooks/<hook>/attempts"),
    ];

    private static IEnumerable<ApiCall> OfRemovals() =>
    [
        Post("/api/members/<mine>/merge", """{"into":{"memberId":"<fourth>"},"reason":"r","reference":"<new>"}"""),
        new("DELETE", "/api/webhooks/<hook>"),
        new("DELETE", "/api/tracks/<track>/levels/<trackLevel>?moveTo=<lowest>"),
        new("DELETE", "/api/levels/<level>?moveTo=bronze"),
    ];
}
