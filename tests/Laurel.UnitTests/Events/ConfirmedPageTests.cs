using Laurel.Server.Messaging;
using RabbitMQ.Client.Events;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Events;

/// <summary>Which messages of a page the broker has confirmed, however it says so.</summary>
public sealed class ConfirmedPageTests
{
    private const ulong First = 101;

    [Theory]
    [InlineData("all at once", "104*")]
    [InlineData("one by one", "101 102 103 104")]
    [InlineData("backwards", "104 103 102 101")]
    [InlineData("some twice", "102 102* 104 103*")]
    [InlineData("some of an earlier page first", "7* 100 104*")]
    public async Task IsDone_When_EachIsConfirmed(string how, string acks)
    {
        var page = new ConfirmedPage(First, 4);
        var all = acks.Split(' ').Select(AckOf).ToList();

        foreach (var ack in all.SkipLast(1))
        {
            page.Ack(ack);
            page.Done.IsCompleted.ShouldBeFalse(how);
        }

        page.Ack(all[^1]);
        await page.Done;
        page.Left.ShouldBe(0);
    }

    [Fact]
    public async Task Fails_When_OneIsRefusedAndTheOthersAreConfirmed()
    {
        var page = new ConfirmedPage(First, 2);
        page.Ack(AckOf("101"));
        page.Fail("refused");
        page.Ack(AckOf("102"));

        (await Should.ThrowAsync<IOException>(page.Done)).Message.ShouldBe("refused");
    }

    private static BasicAckEventArgs AckOf(string text) =>
        new(ulong.Parse(text.TrimEnd('*'), System.Globalization.CultureInfo.InvariantCulture), multiple: text.EndsWith('*'), CancellationToken.None);
}
