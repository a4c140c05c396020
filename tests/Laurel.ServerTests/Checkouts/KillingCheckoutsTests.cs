using Laurel.ServerTests.Benefits;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Checkouts;

/// <summary>The process is killed while checkouts are reserved, paid, completed, refunded, given up and forgotten, between any two of their states. The
/// callers repeat what they heard nothing of; in the end everything is as it is with members who did the same while nobody was killed.</summary>
/// <remarks>The environment variable <c>LAUREL_KILLS</c> sets the kills on each database; 5 without it.</remarks>
public sealed class KillingCheckoutsTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int MemberCount = 4;
    private const int CheckoutCount = 12;
    private const long Opening = 10_000;

    private static readonly object[] s_lines = [new { lineId = "a", sku = "shirt", quantity = 3, amount = 12_000 }, new { lineId = "b", sku = "mug", quantity = 1, amount = 3_000 }];

    private LaurelServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("LAUREL_KILLS"), out var kills) ? kills : 5;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EndsAsIfNothingHappened_When_TheServerIsKilledBetweenTheStates(DatabaseUnderTest database)
    {
        var random = new Random(Seed.Draw(output));
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        _server = await LaurelServer.StartAsync(site, Cancellation);
        try
        {
            await PrepareAsync();
            var shopping = AtOnce.RunAsync(MemberCount, i => ShopAsync($"killed-{i}", pause: true));
            for (var kill = 0; kill < Kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 800)), TimeProvider.System, Cancellation);
                await _server.Process.KillAsync(Cancellation);
                await _server.DisposeAsync();
                _server = await LaurelServer.StartAsync(site, Cancellation);
            }

            var members = await shopping;
            var spared = await ShopAsync("spared", pause: false);
            string[] names = [.. Enumerable.Range(0, MemberCount).Select(i => $"killed-{i}"), "spared"];
            foreach (var name in names)
            {
                await Waiting.UntilAsync(async () => await AreOverAsync(name), "what was not paid is over", Cancellation, seconds: 30);
            }

            var expected = await StandingAsync(spared, "spared");
            output.WriteLine(expected);
            for (var i = 0; i < MemberCount; i++)
            {
                (await StandingAsync(members[i], names[i])).ShouldBe(expected, names[i]);
            }

            await site.VerifyAsync(Cancellation);
        }
        finally
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>A coupon for every checkout, and as many uses of a tenth off as there are: one taken twice would be one too few.</summary>
    private async Task PrepareAsync()
    {
        (await _server.AddTemplateAsync(CouponCalls.Template("spring"))).Status.ShouldBe(201);
        var benefit = new
        {
            code = "tenth",
            nameEnglish = "A tenth off",
            nameChinese = "九折",
            kind = "discount",
            settings = new { rateBasisPoints = 9_000 },
            usedBy = "checkout",
            limits = new[] { new { period = "total", usesMax = CheckoutCount } },
        };
        (await _server.PostAsync("/api/benefits", benefit)).Status.ShouldBe(201);
        string[] benefits = ["level_discount", "level_free_shipping", "level_points", "birthday_gift", "tenth"];
        (await _server.PutAsync("/api/benefits/packages/standard", new { code = "standard", nameEnglish = "Standard", nameChinese = "标准", benefits })).Status.ShouldBe(200);
    }

    /// <summary>One member's checkouts, one after the other, in each of four ways.</summary>
    private async Task<string> ShopAsync(string name, bool pause)
    {
        var registered = await StubbornlyAsync(name, "/api/members", new { externalId = name });
        var member = registered.Json.GetProperty("id").GetString()!;
        await StubbornlyAsync($"{name}-opening", "/api/points/adjust", new { memberId = member, points = Opening, reason = "a test", referenceType = "test", referenceId = $"{name}-opening" });
        for (var i = 0; i < CheckoutCount; i++)
        {
            if (pause)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            }

            await ShopAsync(member, $"{name}-{i}", i % 4);
        }

        return member;
    }

    private async Task ShopAsync(string memberId, string checkoutId, int way)
    {
        var claimed = await StubbornlyAsync($"{checkoutId}-claim", "/api/coupons/claim", new { memberId, template = "spring", reference = $"{checkoutId}-claim" });
        var coupon = claimed.Coupon().GetProperty("id").GetString()!;
        Task<Answer> StepAsync(string step, object body) => StubbornlyAsync($"{checkoutId}-{step}", $"/api/checkouts/{checkoutId}/{step}", body);

        // 150.00 less a tenth, less 10.00, less 5.00 by points; delivery is free from 99.00 on. What is to be forgotten began almost a minute ago, before
        // there was a coupon or a point.
        var isForgotten = way == 3;
        DateTimeOffset? time = isForgotten ? TimeProvider.System.GetUtcNow().AddSeconds(-50) : null;
        await StubbornlyAsync(
            $"{checkoutId}-reserve",
            "/api/checkouts",
            new
            {
                memberId,
                checkoutId,
                lines = s_lines,
                coupons = isForgotten ? [] : new[] { coupon },
                points = isForgotten ? 0 : 500,
                delivery = 800,
                payable = isForgotten ? 13_500 : 12_000,
                minutes = isForgotten ? 1 : 60,
                time,
            });
        switch (way)
        {
            case 0:
                await StepAsync("confirm", new { });
                await StepAsync("complete", new { });
                await StubbornlyAsync($"{checkoutId}-r1", $"/api/checkouts/{checkoutId}/refund", new { refundId = $"{checkoutId}-1", lines = new[] { new { lineId = "a", quantity = 1 } } });
                await StubbornlyAsync($"{checkoutId}-r2", $"/api/checkouts/{checkoutId}/refund", new { refundId = $"{checkoutId}-2" });
                break;
            case 1:
                await StepAsync("confirm", new { });
                await StepAsync("complete", new { });
                break;
            case 2:
                await StepAsync("cancel", new { });
                break;
            default:
                break;
        }
    }

    private async Task<bool> AreOverAsync(string name)
    {
        for (var i = 3; i < CheckoutCount; i += 4)
        {
            if ((await _server.GetAsync($"/api/checkouts/{name}-{i}")).State() != "expired")
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>All that a member has, and the end of each checkout.</summary>
    private async Task<string> StandingAsync(string member, string name)
    {
        // Whoever moves anything ends first what is over.
        await StubbornlyAsync($"{name}-touch", "/api/points/adjust", new { memberId = member, points = 1, reason = "a test", referenceType = "test", referenceId = $"{name}-touch" });
        var (points, coupons) = (await _server.PointsAsync(member), await _server.CouponsAsync(member, "?limit=100"));
        var tenth = (await _server.GetAsync($"/api/members/{member}/benefits")).Json.GetProperty("items").EnumerateArray()
            .Single(benefit => benefit.GetProperty("code").GetString() == "tenth").GetProperty("remaining").GetInt64();
        var states = new List<string>();
        for (var i = 0; i < CheckoutCount; i++)
        {
            var checkout = await _server.GetAsync($"/api/checkouts/{name}-{i}");
            states.Add($"{checkout.State()} {checkout.Json.GetProperty("paidBack").GetInt64()} {checkout.Json.GetProperty("pointsBack").GetInt64()}");
        }

        return $"{points}; coupons {string.Join(", ", coupons.Order())}; {tenth} uses left; {string.Join(", ", states)}";
    }

    /// <summary>Sends the same under the same key until it is done; servers come and go meanwhile.</summary>
    private async Task<Answer> StubbornlyAsync(string key, string path, object body)
    {
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            var last = "nothing";
            try
            {
                var answer = await _server.PostUnderAsync(key, path, body);
                if (answer.Status is 200 or 201)
                {
                    return answer;
                }

                last = answer.Outcome;
                answer.Status.ShouldBe(503, $"{key} {answer.Text}");
            }
            catch (Exception exception) when (exception is HttpRequestException or ObjectDisposedException or TaskCanceledException)
            {
                Cancellation.ThrowIfCancellationRequested();
            }

            System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(60), $"{key} {last}");
            await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System, Cancellation);
        }
    }
}
