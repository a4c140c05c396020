using Laurel.Chaos.History;
using Laurel.Testing;

namespace Laurel.Chaos;

/// <summary>A running node and the shop in front of it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private Node(LaurelProcess process, TimeSpan patience) => (Process, Shop) = (process, new Shop(process.Address, patience));

    public LaurelProcess Process { get; }

    public Shop Shop { get; }

    public static async Task<Node> StartAsync(Func<IReadOnlyList<string>, ChildProgram> program, TimeSpan patience, CancellationToken cancellationToken) =>
        new(await LaurelProcess.StartAsync(program, cancellationToken), patience);

    public async ValueTask DisposeAsync()
    {
        Shop.Dispose();
        await Process.DisposeAsync();
    }
}
