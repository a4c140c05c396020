namespace Laurel.ServerTests.Tenants;

/// <summary>The operations about people: members, what they tell of themselves, by what they are found, how they sign in, and who works for the tenant.</summary>
internal static partial class ApiCalls
{
    private static IEnumerable<ApiCall> OfMembers() =>
    [
        .. Answered(
            Get("/api/members"), Get("/api/members?externalId=<externalId>"), Get("/api/members?phone=<phone>"), Get("/api/members?email=<email>"),
            Post("/api/members", """{"externalId":"<new>"}"""),
            Get("/api/members/export"), Get("/api/points/records/export?memberId=<member>"),
            Post("/api/members/import?dryRun=true", "externalId,phone\n<externalId>,<phone>\n") with { MediaType = "text/csv" },
            Get("/api/members/merges?memberId=<member>"),
            Post("/api/cache/clear", """{"members":[{"memberId":"<member>"}]}"""), Post("/api/cache/clear")),
        Get("/api/members/<member>"),
        Get("/api/members/<member>/card"),
        Post("/api/members/card/scan", """{"code":"L1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""") with { Owner = "422 PASS_INVALID" },
        Post("/api/members/<member>/real-name", """{"verified":true}"""),
        Post("/api/members/<member>/real-name/verify", """{"realName":"\u738b","identityCard":"11010519491231002X"}"""),
        Get("/api/members/<member>/real-name"),
        Post("/api/members/<third>/merge/preview", """{"into":{"memberId":"<fourth>"}}"""),
        Post("/api/members/<third>/merge/preview", """{"into":{"memberId":"<mine>"}}"""),
        Post("/api/members/<third>/merge", """{"into":{"memberId":"<fourth>"},"reason":"r","reference":"<new>"}"""),
        Get("/api/members/merges/<merge>"),
        Get("/api/members/merges/<merge>/undo/preview"),
        Post("/api/members/merges/<merge>/undo", """{"reason":"r"}"""),
    ];

    private static IEnumerable<ApiCall> OfPersons() =>
    [
        Put("/api/members/<member>", """{"nickname":"N","gender":"female"}"""),
        Post("/api/members/<member>/consents", """{"purpose":"privacy_policy","textVersion":"1","given":true,"origin":"shop"}"""),
        Get("/api/members/<member>/consents"),
        Put("/api/members/<member>/avatar", "no picture") with { MediaType = "image/png" },
        .. Answered(
            Get("/api/members/cancellations?unconfirmed=true"),
            Post("/api/members/bulk/status", """{"memberIds":["<leaver>"],"status":"active","reason":"r"}"""),
            Post("/api/members/bulk/attributes", """{"memberIds":["<leaver>"],"attributes":{}}"""),
            Post("/api/members/bulk/delete", """{"memberIds":["<leaver>"],"reason":"r"}"""),
            Post("/api/members/bulk/delete/confirm", """{"memberIds":["<leaver>"],"reason":"r"}""")),
        Get("/api/members/<member>/export?reason=r"),
        Get("/api/members/<member>?view=full&reason=r"),
        Get("/api/addresses?memberId=<member>&view=full&reason=r"),
        Get("/api/members/<member>/status"),
        Post("/api/members/<leaver>/status", """{"status":"frozen","reason":"r"}"""),
        Post("/api/members/<leaver>/status", """{"status":"active","reason":"r"}"""),
        new("DELETE", "/api/members/<leaver>"),
        new("POST", "/api/members/<leaver>/cancellation/confirm"),
        new("DELETE", "/api/members/<leaver>/cancellation"),
        Get("/api/addresses?memberId=<member>"),
        Post("/api/addresses?memberId=<member>", Address),
        Put("/api/addresses/<address>?memberId=<member>", Address),
        Put("/api/addresses/<address>?memberId=<mine>", Address) with { Owner = "404 ADDRESS_NOT_FOUND" },
        new("PUT", "/api/addresses/<address>/default?memberId=<member>"),
        new("PUT", "/api/addresses/<address>/default?memberId=<mine>") { Owner = "404 ADDRESS_NOT_FOUND" },
        new("DELETE", "/api/addresses/<address>?memberId=<mine>") { Owner = "404 ADDRESS_NOT_FOUND" },
        new("DELETE", "/api/addresses/<address>?memberId=<member>"),
    ];

    private static IEnumerable<ApiCall> OfFinding() =>
    [
        .. Answered(
            Get("/api/members?q=<externalId>&name=<externalId>&code=<externalId>"), Get("/api/members?tag=<tag>&group=<tag>&level=bronze&status=active"),
            Get("/api/members?spendMin=1&spendMax=2&pointsMin=0&pointsMax=9&growthMin=0&growthMax=9&registeredFrom=2020-01-01T00:00:00Z&registeredTo=2100-01-01T00:00:00Z&sort=-spend"),
            Get("/api/tags"), Put("/api/tags/<tag>", Tag), Get("/api/members/filters"), Post("/api/members/filters", Filter)),
        new("PUT", "/api/members/<member>/tags/<tag>"),
        Post("/api/members/<member>/data-key"),
        .. Answered(Post("/api/members/data-keys"), Get("/api/members/data-keys")),
        Get("/api/members/<member>/notes"),
        Post("/api/members/<member>/notes", """{"text":"haggles"}"""),
        Put("/api/members/filters/<filter>", Filter),
        Get("/api/members/filters/<filter>/members"),
    ];

    private static IEnumerable<ApiCall> OfForgetting() =>
    [
        new("DELETE", "/api/members/<member>/notes/<note>"),
        new("DELETE", "/api/members/filters/<filter>"),
        new("DELETE", "/api/members/<member>/tags/<tag>"),
        .. Answered(new ApiCall("DELETE", "/api/tags/<tag>")),
    ];

    /// <summary>By which people sign in, at the tenant that the call names; and what they do themselves, which no key can.</summary>
    private static IEnumerable<ApiCall> OfPeople()
    {
        var open = new[]
        {
            Post("/api/auth/register", """{"phone":"<phone>","code":"000000","password":"correct horse battery"}"""),
            Post("/api/auth/login", """{"username":"<username>","password":"not the password"}"""),
            Post("/api/auth/codes", """{"phone":"<phone>"}"""),
            Post("/api/auth/code-login", """{"phone":"<phone>","code":"000000"}"""),
            Post("/api/auth/forgot-password", """{"email":"<email>"}"""),
            Post("/api/auth/reset-password", """{"email":"<email>","code":"000000","newPassword":"correct horse battery"}"""),
            Get("/api/auth/providers"), Get("/api/auth/providers/<kind>/authorize"),
            Post("/api/auth/providers/<kind>/login", """{"code":"x"}"""), Post("/api/auth/wechat-login", """{"code":"x"}"""),
            Post("/api/auth/refresh", """{"refreshToken":"x"}"""),
            Post("/api/auth/refresh-token", """{"refreshToken":"x"}"""),
        };
        var own = new[]
        {
            Get("/api/auth/validate"), Post("/api/auth/logout"), Get("/api/auth/sessions"), new ApiCall("DELETE", "/api/auth/sessions/<user>"),
            Post("/api/auth/change-password", """{"currentPassword":"x","newPassword":"correct horse battery"}"""), Get("/api/auth/names"),
            Post("/api/auth/names", """{"phone":"<phone>","code":"000000"}"""), new ApiCall("DELETE", "/api/auth/names/<kind>"),
            Post("/api/auth/providers/<kind>/bind", """{"code":"x"}"""), Post("/api/auth/totp"), Put("/api/auth/totp", """{"totp":"000000"}"""), Post("/api/auth/totp/remove", """{"totp":"000000"}"""),
            Post("/api/auth/step-up", """{"totp":"000000"}"""),
        };
        return [.. open.Select(call => call with { MayBeAnswered = true, IsOpen = true }), .. own.Select(call => call with { Owner = "403 SIGN_IN_REQUIRED" })];
    }

    private static IEnumerable<ApiCall> OfUsers() =>
    [
        .. Answered(Get("/api/users"), Get("/api/roles")),
        Get("/api/users/<user>"),
        Post("/api/users", """{"username":"<new>","password":"correct horse battery","role":"<role>"}"""),
        Put("/api/users/<user>", """{"role":"<role>","status":"active"}"""),
        Post("/api/users/<user>/confirm") with { Owner = "403 CONFIRMER_NOT_ANOTHER" },
        .. Answered(Get("/api/keys"), Post("/api/keys", """{"name":"<new>","scopes":["points:read"]}""")),
        Get("/api/keys/<key>"),
        Put("/api/keys/<key>", """{"name":"<new>","scopes":["points:read"]}"""),
        Post("/api/keys/<key>/rotate"),
        Post("/api/keys/<key>/revoke"),
        .. Answered(
            Get("/api/sign-in/apps"), Put("/api/sign-in/apps/<app>", """{"appId":"1","secret":"s"}"""), new ApiCall("DELETE", "/api/sign-in/apps/<app>")),
        .. Answered(Put("/api/roles/<role>", """{"name":"N","grants":["points:read"]}"""), new ApiCall("DELETE", "/api/roles/<role>")),
    ];
}
